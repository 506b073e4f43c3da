// Written by scripts/kubernetes-lists.mjs from k8s.io/client-go v0.37.2 (Apache-2.0): change that, not this.

/** The version of Kubernetes whose types these are. */
export const KUBERNETES_VERSION = '1.37.2';

/** The API groups by the names that their types have here. */
export const API_GROUPS =
  'admissionregistration=admissionregistration.k8s.io apiserverinternal=internal.apiserver.k8s.io apps=apps autoscaling=autoscaling batch=batch certificates=certificates.k8s.io coordination=coordination.k8s.io core= discovery=discovery.k8s.io events=events.k8s.io extensions=extensions flowcontrol=flowcontrol.apiserver.k8s.io imagepolicy=imagepolicy.k8s.io lifecycle=lifecycle.k8s.io networking=networking.k8s.io node=node.k8s.io policy=policy rbac=rbac.authorization.k8s.io resource=resource.k8s.io scheduling=scheduling.k8s.io storage=storage.k8s.io storagemigration=storagemigration.k8s.io';

/**
 * The types with a list that is matched by keys, or a quantity, in them; a line each. Behind a field's name stands what it
 * is: `>T` of type T, `*T` a map of T, `[a,b=B]T` a list of T by its keys a and b (B where b is not given), `{}` a set,
 * `#` a quantity. Other lists of these types are compared as a whole.
 */
export const TYPES = `
admissionregistration.v1.MutatingAdmissionPolicy metadata>meta.v1.ObjectMeta spec>admissionregistration.v1.MutatingAdmissionPolicySpec
admissionregistration.v1.MutatingAdmissionPolicyBinding metadata>meta.v1.ObjectMeta
admissionregistration.v1.MutatingAdmissionPolicySpec matchConditions[name]
admissionregistration.v1.MutatingWebhook matchConditions[name]
admissionregistration.v1.MutatingWebhookConfiguration metadata>meta.v1.ObjectMeta webhooks[name]admissionregistration.v1.MutatingWebhook
admissionregistration.v1.ValidatingAdmissionPolicy metadata>meta.v1.ObjectMeta spec>admissionregistration.v1.ValidatingAdmissionPolicySpec status>admissionregistration.v1.ValidatingAdmissionPolicyStatus
admissionregistration.v1.ValidatingAdmissionPolicyBinding metadata>meta.v1.ObjectMeta spec>admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec
admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec validationActions{}
admissionregistration.v1.ValidatingAdmissionPolicySpec matchConditions[name] variables[name]
admissionregistration.v1.ValidatingAdmissionPolicyStatus conditions[type]
admissionregistration.v1.ValidatingWebhook matchConditions[name]
admissionregistration.v1.ValidatingWebhookConfiguration metadata>meta.v1.ObjectMeta webhooks[name]admissionregistration.v1.ValidatingWebhook
admissionregistration.v1alpha1.MutatingAdmissionPolicy metadata>meta.v1.ObjectMeta spec>admissionregistration.v1alpha1.MutatingAdmissionPolicySpec
admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding metadata>meta.v1.ObjectMeta
admissionregistration.v1alpha1.MutatingAdmissionPolicySpec matchConditions[name]
admissionregistration.v1alpha1.ValidatingAdmissionPolicy metadata>meta.v1.ObjectMeta spec>admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec status>admissionregistration.v1alpha1.ValidatingAdmissionPolicyStatus
admissionregistration.v1alpha1.ValidatingAdmissionPolicyBinding metadata>meta.v1.ObjectMeta spec>admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingSpec
admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingSpec validationActions{}
admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec matchConditions[name] variables[name]
admissionregistration.v1alpha1.ValidatingAdmissionPolicyStatus conditions[type]
admissionregistration.v1beta1.MutatingAdmissionPolicy metadata>meta.v1.ObjectMeta spec>admissionregistration.v1beta1.MutatingAdmissionPolicySpec
admissionregistration.v1beta1.MutatingAdmissionPolicyBinding metadata>meta.v1.ObjectMeta
admissionregistration.v1beta1.MutatingAdmissionPolicySpec matchConditions[name]
admissionregistration.v1beta1.MutatingWebhook matchConditions[name]
admissionregistration.v1beta1.MutatingWebhookConfiguration metadata>meta.v1.ObjectMeta webhooks[name]admissionregistration.v1beta1.MutatingWebhook
admissionregistration.v1beta1.ValidatingAdmissionPolicy metadata>meta.v1.ObjectMeta spec>admissionregistration.v1beta1.ValidatingAdmissionPolicySpec status>admissionregistration.v1beta1.ValidatingAdmissionPolicyStatus
admissionregistration.v1beta1.ValidatingAdmissionPolicyBinding metadata>meta.v1.ObjectMeta spec>admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec
admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec validationActions{}
admissionregistration.v1beta1.ValidatingAdmissionPolicySpec matchConditions[name] variables[name]
admissionregistration.v1beta1.ValidatingAdmissionPolicyStatus conditions[type]
admissionregistration.v1beta1.ValidatingWebhook matchConditions[name]
admissionregistration.v1beta1.ValidatingWebhookConfiguration metadata>meta.v1.ObjectMeta webhooks[name]admissionregistration.v1beta1.ValidatingWebhook
apiserverinternal.v1alpha1.ServerStorageVersion decodableVersions{} servedVersions{}
apiserverinternal.v1alpha1.StorageVersion metadata>meta.v1.ObjectMeta status>apiserverinternal.v1alpha1.StorageVersionStatus
apiserverinternal.v1alpha1.StorageVersionStatus conditions[type] storageVersions[apiServerID]apiserverinternal.v1alpha1.ServerStorageVersion
apps.v1.ControllerRevision metadata>meta.v1.ObjectMeta
apps.v1.DaemonSet metadata>meta.v1.ObjectMeta spec>apps.v1.DaemonSetSpec status>apps.v1.DaemonSetStatus
apps.v1.DaemonSetSpec template>core.v1.PodTemplateSpec
apps.v1.DaemonSetStatus conditions[type]
apps.v1.Deployment metadata>meta.v1.ObjectMeta spec>apps.v1.DeploymentSpec status>apps.v1.DeploymentStatus
apps.v1.DeploymentSpec template>core.v1.PodTemplateSpec
apps.v1.DeploymentStatus conditions[type]
apps.v1.ReplicaSet metadata>meta.v1.ObjectMeta spec>apps.v1.ReplicaSetSpec status>apps.v1.ReplicaSetStatus
apps.v1.ReplicaSetSpec template>core.v1.PodTemplateSpec
apps.v1.ReplicaSetStatus conditions[type]
apps.v1.StatefulSet metadata>meta.v1.ObjectMeta spec>apps.v1.StatefulSetSpec status>apps.v1.StatefulSetStatus
apps.v1.StatefulSetSpec template>core.v1.PodTemplateSpec
apps.v1.StatefulSetStatus conditions[type]
apps.v1beta1.ControllerRevision metadata>meta.v1.ObjectMeta
apps.v1beta1.Deployment metadata>meta.v1.ObjectMeta spec>apps.v1beta1.DeploymentSpec status>apps.v1beta1.DeploymentStatus
apps.v1beta1.DeploymentSpec template>core.v1.PodTemplateSpec
apps.v1beta1.DeploymentStatus conditions[type]
apps.v1beta1.StatefulSet metadata>meta.v1.ObjectMeta spec>apps.v1beta1.StatefulSetSpec status>apps.v1beta1.StatefulSetStatus
apps.v1beta1.StatefulSetSpec template>core.v1.PodTemplateSpec
apps.v1beta1.StatefulSetStatus conditions[type]
apps.v1beta2.ControllerRevision metadata>meta.v1.ObjectMeta
apps.v1beta2.DaemonSet metadata>meta.v1.ObjectMeta spec>apps.v1beta2.DaemonSetSpec status>apps.v1beta2.DaemonSetStatus
apps.v1beta2.DaemonSetSpec template>core.v1.PodTemplateSpec
apps.v1beta2.DaemonSetStatus conditions[type]
apps.v1beta2.Deployment metadata>meta.v1.ObjectMeta spec>apps.v1beta2.DeploymentSpec status>apps.v1beta2.DeploymentStatus
apps.v1beta2.DeploymentSpec template>core.v1.PodTemplateSpec
apps.v1beta2.DeploymentStatus conditions[type]
apps.v1beta2.ReplicaSet metadata>meta.v1.ObjectMeta spec>apps.v1beta2.ReplicaSetSpec status>apps.v1beta2.ReplicaSetStatus
apps.v1beta2.ReplicaSetSpec template>core.v1.PodTemplateSpec
apps.v1beta2.ReplicaSetStatus conditions[type]
apps.v1beta2.StatefulSet metadata>meta.v1.ObjectMeta spec>apps.v1beta2.StatefulSetSpec status>apps.v1beta2.StatefulSetStatus
apps.v1beta2.StatefulSetSpec template>core.v1.PodTemplateSpec
apps.v1beta2.StatefulSetStatus conditions[type]
autoscaling.v1.HorizontalPodAutoscaler metadata>meta.v1.ObjectMeta
autoscaling.v2.ContainerResourceMetricSource target>autoscaling.v2.MetricTarget
autoscaling.v2.ContainerResourceMetricStatus current>autoscaling.v2.MetricValueStatus
autoscaling.v2.ExternalMetricSource target>autoscaling.v2.MetricTarget
autoscaling.v2.ExternalMetricStatus current>autoscaling.v2.MetricValueStatus
autoscaling.v2.HPAScalingRules tolerance#
autoscaling.v2.HorizontalPodAutoscaler metadata>meta.v1.ObjectMeta spec>autoscaling.v2.HorizontalPodAutoscalerSpec status>autoscaling.v2.HorizontalPodAutoscalerStatus
autoscaling.v2.HorizontalPodAutoscalerBehavior scaleDown>autoscaling.v2.HPAScalingRules scaleUp>autoscaling.v2.HPAScalingRules
autoscaling.v2.HorizontalPodAutoscalerSpec behavior>autoscaling.v2.HorizontalPodAutoscalerBehavior
autoscaling.v2.HorizontalPodAutoscalerStatus conditions[type]
autoscaling.v2.MetricSpec containerResource>autoscaling.v2.ContainerResourceMetricSource external>autoscaling.v2.ExternalMetricSource object>autoscaling.v2.ObjectMetricSource pods>autoscaling.v2.PodsMetricSource resource>autoscaling.v2.ResourceMetricSource
autoscaling.v2.MetricStatus containerResource>autoscaling.v2.ContainerResourceMetricStatus external>autoscaling.v2.ExternalMetricStatus object>autoscaling.v2.ObjectMetricStatus pods>autoscaling.v2.PodsMetricStatus resource>autoscaling.v2.ResourceMetricStatus
autoscaling.v2.MetricTarget averageValue# value#
autoscaling.v2.MetricValueStatus averageValue# value#
autoscaling.v2.ObjectMetricSource target>autoscaling.v2.MetricTarget
autoscaling.v2.ObjectMetricStatus current>autoscaling.v2.MetricValueStatus
autoscaling.v2.PodsMetricSource target>autoscaling.v2.MetricTarget
autoscaling.v2.PodsMetricStatus current>autoscaling.v2.MetricValueStatus
autoscaling.v2.ResourceMetricSource target>autoscaling.v2.MetricTarget
autoscaling.v2.ResourceMetricStatus current>autoscaling.v2.MetricValueStatus
batch.v1.CronJob metadata>meta.v1.ObjectMeta spec>batch.v1.CronJobSpec
batch.v1.CronJobSpec jobTemplate>batch.v1.JobTemplateSpec
batch.v1.Job metadata>meta.v1.ObjectMeta spec>batch.v1.JobSpec status>batch.v1.JobStatus
batch.v1.JobSchedulingConfiguration resourceClaims[name]
batch.v1.JobSpec scheduling>batch.v1.JobSchedulingConfiguration template>core.v1.PodTemplateSpec
batch.v1.JobStatus uncountedTerminatedPods>batch.v1.UncountedTerminatedPods
batch.v1.JobTemplateSpec metadata>meta.v1.ObjectMeta spec>batch.v1.JobSpec
batch.v1.PodFailurePolicyOnExitCodesRequirement values{}
batch.v1.PodFailurePolicyRule onExitCodes>batch.v1.PodFailurePolicyOnExitCodesRequirement
batch.v1.UncountedTerminatedPods failed{} succeeded{}
batch.v1beta1.CronJob metadata>meta.v1.ObjectMeta spec>batch.v1beta1.CronJobSpec
batch.v1beta1.CronJobSpec jobTemplate>batch.v1beta1.JobTemplateSpec
batch.v1beta1.JobTemplateSpec metadata>meta.v1.ObjectMeta spec>batch.v1.JobSpec
certificates.v1.CertificateSigningRequest metadata>meta.v1.ObjectMeta status>certificates.v1.CertificateSigningRequestStatus
certificates.v1.CertificateSigningRequestStatus conditions[type]
certificates.v1.ClusterTrustBundle metadata>meta.v1.ObjectMeta
certificates.v1.PodCertificateRequest metadata>meta.v1.ObjectMeta status>certificates.v1.PodCertificateRequestStatus
certificates.v1.PodCertificateRequestStatus conditions[type]
certificates.v1alpha1.ClusterTrustBundle metadata>meta.v1.ObjectMeta
certificates.v1beta1.CertificateSigningRequest metadata>meta.v1.ObjectMeta status>certificates.v1beta1.CertificateSigningRequestStatus
certificates.v1beta1.CertificateSigningRequestStatus conditions[type]
certificates.v1beta1.ClusterTrustBundle metadata>meta.v1.ObjectMeta
certificates.v1beta1.PodCertificateRequest metadata>meta.v1.ObjectMeta status>certificates.v1beta1.PodCertificateRequestStatus
certificates.v1beta1.PodCertificateRequestStatus conditions[type]
coordination.v1.Lease metadata>meta.v1.ObjectMeta
coordination.v1alpha2.LeaseCandidate metadata>meta.v1.ObjectMeta
coordination.v1beta1.Lease metadata>meta.v1.ObjectMeta
coordination.v1beta1.LeaseCandidate metadata>meta.v1.ObjectMeta
core.v1.ComponentStatus conditions[type] metadata>meta.v1.ObjectMeta
core.v1.ConfigMap metadata>meta.v1.ObjectMeta
core.v1.Container env[name]core.v1.EnvVar ports[containerPort,protocol=TCP] resources>core.v1.ResourceRequirements volumeDevices[devicePath] volumeMounts[mountPath]core.v1.VolumeMount
core.v1.ContainerRestartRule exitCodes>core.v1.ContainerRestartRuleOnExitCodes
core.v1.ContainerRestartRuleOnExitCodes values{}
core.v1.ContainerStatus allocatedResources*# allocatedResourcesStatus[name]core.v1.ResourceStatus resources>core.v1.ResourceRequirements volumeMounts[mountPath]
core.v1.DownwardAPIVolumeFile resourceFieldRef>core.v1.ResourceFieldSelector
core.v1.EmptyDirVolumeSource sizeLimit#
core.v1.Endpoints metadata>meta.v1.ObjectMeta
core.v1.EnvVar valueFrom>core.v1.EnvVarSource
core.v1.EnvVarSource resourceFieldRef>core.v1.ResourceFieldSelector
core.v1.EphemeralContainer env[name]core.v1.EnvVar ports[containerPort,protocol=TCP] resources>core.v1.ResourceRequirements volumeDevices[devicePath] volumeMounts[mountPath]core.v1.VolumeMount
core.v1.EphemeralVolumeSource volumeClaimTemplate>core.v1.PersistentVolumeClaimTemplate
core.v1.Event metadata>meta.v1.ObjectMeta
core.v1.LimitRange metadata>meta.v1.ObjectMeta
core.v1.LimitRangeItem default*# defaultRequest*# max*# maxLimitRequestRatio*# min*#
core.v1.Namespace metadata>meta.v1.ObjectMeta status>core.v1.NamespaceStatus
core.v1.NamespaceStatus conditions[type]
core.v1.Node metadata>meta.v1.ObjectMeta spec>core.v1.NodeSpec status>core.v1.NodeStatus
core.v1.NodeAllocatableMappedResources quantity#
core.v1.NodeAllocatableOverheadResources perContainer# perPod#
core.v1.NodeAllocatableResourceClaimStatus containers{} mapping[name]core.v1.NodeAllocatableMappedResources overhead[name]core.v1.NodeAllocatableOverheadResources
core.v1.NodePodPreemptionPolicy disableResizePreemption{}
core.v1.NodeSpec podCIDRs{} podPreemptionPolicy>core.v1.NodePodPreemptionPolicy
core.v1.NodeStatus addresses[type] allocatable*# capacity*# conditions[type]
core.v1.PersistentVolume metadata>meta.v1.ObjectMeta spec>core.v1.PersistentVolumeSpec
core.v1.PersistentVolumeClaim metadata>meta.v1.ObjectMeta spec>core.v1.PersistentVolumeClaimSpec status>core.v1.PersistentVolumeClaimStatus
core.v1.PersistentVolumeClaimSpec resources>core.v1.VolumeResourceRequirements
core.v1.PersistentVolumeClaimStatus allocatedResources*# capacity*# conditions[type] healthStatus>core.v1.VolumeHealthStatus
core.v1.PersistentVolumeClaimTemplate metadata>meta.v1.ObjectMeta spec>core.v1.PersistentVolumeClaimSpec
core.v1.PersistentVolumeSpec capacity*#
core.v1.Pod metadata>meta.v1.ObjectMeta spec>core.v1.PodSpec status>core.v1.PodStatus
core.v1.PodSpec containers[name]core.v1.Container ephemeralContainers[name]core.v1.EphemeralContainer evictionResponders[name] hostAliases[ip] imagePullSecrets[name] initContainers[name]core.v1.Container overhead*# resourceClaims[name] resources>core.v1.ResourceRequirements schedulingGates[name] topologySpreadConstraints[topologyKey,whenUnsatisfiable] volumes[name]core.v1.Volume
core.v1.PodStatus allocatedResources*# conditions[type] nodeAllocatableResourceClaimStatuses[resourceClaimName]core.v1.NodeAllocatableResourceClaimStatus podIPs[ip] resourceClaimStatuses[name] resources>core.v1.ResourceRequirements volumeHealth[name]core.v1.PodVolumeHealth
core.v1.PodTemplate metadata>meta.v1.ObjectMeta template>core.v1.PodTemplateSpec
core.v1.PodTemplateSpec metadata>meta.v1.ObjectMeta spec>core.v1.PodSpec
core.v1.PodVolumeHealth healthConditions[status,reason]
core.v1.ReplicationController metadata>meta.v1.ObjectMeta spec>core.v1.ReplicationControllerSpec status>core.v1.ReplicationControllerStatus
core.v1.ReplicationControllerSpec template>core.v1.PodTemplateSpec
core.v1.ReplicationControllerStatus conditions[type]
core.v1.ResourceFieldSelector divisor#
core.v1.ResourceQuota metadata>meta.v1.ObjectMeta spec>core.v1.ResourceQuotaSpec status>core.v1.ResourceQuotaStatus
core.v1.ResourceQuotaSpec hard*#
core.v1.ResourceQuotaStatus hard*# used*#
core.v1.ResourceRequirements claims[name] limits*# requests*#
core.v1.ResourceStatus resources[resourceID]
core.v1.Secret metadata>meta.v1.ObjectMeta
core.v1.Service metadata>meta.v1.ObjectMeta spec>core.v1.ServiceSpec status>core.v1.ServiceStatus
core.v1.ServiceAccount metadata>meta.v1.ObjectMeta secrets[name]
core.v1.ServiceSpec ports[port,protocol=TCP]
core.v1.ServiceStatus conditions[type]
core.v1.Volume emptyDir>core.v1.EmptyDirVolumeSource ephemeral>core.v1.EphemeralVolumeSource
core.v1.VolumeHealthStatus healthConditions[status,reason]
core.v1.VolumeMount bindMountOptions{}
core.v1.VolumeResourceRequirements limits*# requests*#
discovery.v1.Endpoint addresses{}
discovery.v1.EndpointSlice metadata>meta.v1.ObjectMeta
discovery.v1beta1.Endpoint addresses{}
discovery.v1beta1.EndpointSlice metadata>meta.v1.ObjectMeta
events.v1.Event metadata>meta.v1.ObjectMeta
events.v1beta1.Event metadata>meta.v1.ObjectMeta
extensions.v1beta1.DaemonSet metadata>meta.v1.ObjectMeta spec>extensions.v1beta1.DaemonSetSpec status>extensions.v1beta1.DaemonSetStatus
extensions.v1beta1.DaemonSetSpec template>core.v1.PodTemplateSpec
extensions.v1beta1.DaemonSetStatus conditions[type]
extensions.v1beta1.Deployment metadata>meta.v1.ObjectMeta spec>extensions.v1beta1.DeploymentSpec status>extensions.v1beta1.DeploymentStatus
extensions.v1beta1.DeploymentSpec template>core.v1.PodTemplateSpec
extensions.v1beta1.DeploymentStatus conditions[type]
extensions.v1beta1.Ingress metadata>meta.v1.ObjectMeta
extensions.v1beta1.NetworkPolicy metadata>meta.v1.ObjectMeta
extensions.v1beta1.ReplicaSet metadata>meta.v1.ObjectMeta spec>extensions.v1beta1.ReplicaSetSpec status>extensions.v1beta1.ReplicaSetStatus
extensions.v1beta1.ReplicaSetSpec template>core.v1.PodTemplateSpec
extensions.v1beta1.ReplicaSetStatus conditions[type]
flowcontrol.v1.FlowSchema metadata>meta.v1.ObjectMeta status>flowcontrol.v1.FlowSchemaStatus
flowcontrol.v1.FlowSchemaStatus conditions[type]
flowcontrol.v1.NonResourcePolicyRule nonResourceURLs{} verbs{}
flowcontrol.v1.PriorityLevelConfiguration metadata>meta.v1.ObjectMeta status>flowcontrol.v1.PriorityLevelConfigurationStatus
flowcontrol.v1.PriorityLevelConfigurationStatus conditions[type]
flowcontrol.v1.ResourcePolicyRule apiGroups{} namespaces{} resources{} verbs{}
flowcontrol.v1beta1.FlowSchema metadata>meta.v1.ObjectMeta status>flowcontrol.v1beta1.FlowSchemaStatus
flowcontrol.v1beta1.FlowSchemaStatus conditions[type]
flowcontrol.v1beta1.NonResourcePolicyRule nonResourceURLs{} verbs{}
flowcontrol.v1beta1.PriorityLevelConfiguration metadata>meta.v1.ObjectMeta status>flowcontrol.v1beta1.PriorityLevelConfigurationStatus
flowcontrol.v1beta1.PriorityLevelConfigurationStatus conditions[type]
flowcontrol.v1beta1.ResourcePolicyRule apiGroups{} namespaces{} resources{} verbs{}
flowcontrol.v1beta2.FlowSchema metadata>meta.v1.ObjectMeta status>flowcontrol.v1beta2.FlowSchemaStatus
flowcontrol.v1beta2.FlowSchemaStatus conditions[type]
flowcontrol.v1beta2.NonResourcePolicyRule nonResourceURLs{} verbs{}
flowcontrol.v1beta2.PriorityLevelConfiguration metadata>meta.v1.ObjectMeta status>flowcontrol.v1beta2.PriorityLevelConfigurationStatus
flowcontrol.v1beta2.PriorityLevelConfigurationStatus conditions[type]
flowcontrol.v1beta2.ResourcePolicyRule apiGroups{} namespaces{} resources{} verbs{}
flowcontrol.v1beta3.FlowSchema metadata>meta.v1.ObjectMeta status>flowcontrol.v1beta3.FlowSchemaStatus
flowcontrol.v1beta3.FlowSchemaStatus conditions[type]
flowcontrol.v1beta3.NonResourcePolicyRule nonResourceURLs{} verbs{}
flowcontrol.v1beta3.PriorityLevelConfiguration metadata>meta.v1.ObjectMeta status>flowcontrol.v1beta3.PriorityLevelConfigurationStatus
flowcontrol.v1beta3.PriorityLevelConfigurationStatus conditions[type]
flowcontrol.v1beta3.ResourcePolicyRule apiGroups{} namespaces{} resources{} verbs{}
imagepolicy.v1alpha1.ImageReview metadata>meta.v1.ObjectMeta
lifecycle.v1alpha1.Eviction metadata>meta.v1.ObjectMeta status>lifecycle.v1alpha1.EvictionStatus
lifecycle.v1alpha1.EvictionRequest metadata>meta.v1.ObjectMeta status>lifecycle.v1alpha1.EvictionRequestStatus
lifecycle.v1alpha1.EvictionRequestStatus conditions[type]
lifecycle.v1alpha1.EvictionStatus conditions[type] requesters[name] responders[name] targetResponders[name]
networking.v1.IPAddress metadata>meta.v1.ObjectMeta
networking.v1.Ingress metadata>meta.v1.ObjectMeta
networking.v1.IngressClass metadata>meta.v1.ObjectMeta
networking.v1.NetworkPolicy metadata>meta.v1.ObjectMeta
networking.v1.ServiceCIDR metadata>meta.v1.ObjectMeta status>networking.v1.ServiceCIDRStatus
networking.v1.ServiceCIDRStatus conditions[type]
networking.v1beta1.IPAddress metadata>meta.v1.ObjectMeta
networking.v1beta1.Ingress metadata>meta.v1.ObjectMeta
networking.v1beta1.IngressClass metadata>meta.v1.ObjectMeta
networking.v1beta1.ServiceCIDR metadata>meta.v1.ObjectMeta status>networking.v1beta1.ServiceCIDRStatus
networking.v1beta1.ServiceCIDRStatus conditions[type]
node.v1.Overhead podFixed*#
node.v1.RuntimeClass metadata>meta.v1.ObjectMeta overhead>node.v1.Overhead
node.v1alpha1.Overhead podFixed*#
node.v1alpha1.RuntimeClass metadata>meta.v1.ObjectMeta spec>node.v1alpha1.RuntimeClassSpec
node.v1alpha1.RuntimeClassSpec overhead>node.v1alpha1.Overhead
node.v1beta1.Overhead podFixed*#
node.v1beta1.RuntimeClass metadata>meta.v1.ObjectMeta overhead>node.v1beta1.Overhead
policy.v1.Eviction metadata>meta.v1.ObjectMeta
policy.v1.PodDisruptionBudget metadata>meta.v1.ObjectMeta status>policy.v1.PodDisruptionBudgetStatus
policy.v1.PodDisruptionBudgetStatus conditions[type]
policy.v1beta1.Eviction metadata>meta.v1.ObjectMeta
policy.v1beta1.PodDisruptionBudget metadata>meta.v1.ObjectMeta status>policy.v1beta1.PodDisruptionBudgetStatus
policy.v1beta1.PodDisruptionBudgetStatus conditions[type]
rbac.v1.ClusterRole metadata>meta.v1.ObjectMeta
rbac.v1.ClusterRoleBinding metadata>meta.v1.ObjectMeta
rbac.v1.Role metadata>meta.v1.ObjectMeta
rbac.v1.RoleBinding metadata>meta.v1.ObjectMeta
rbac.v1alpha1.ClusterRole metadata>meta.v1.ObjectMeta
rbac.v1alpha1.ClusterRoleBinding metadata>meta.v1.ObjectMeta
rbac.v1alpha1.Role metadata>meta.v1.ObjectMeta
rbac.v1alpha1.RoleBinding metadata>meta.v1.ObjectMeta
rbac.v1beta1.ClusterRole metadata>meta.v1.ObjectMeta
rbac.v1beta1.ClusterRoleBinding metadata>meta.v1.ObjectMeta
rbac.v1beta1.Role metadata>meta.v1.ObjectMeta
rbac.v1beta1.RoleBinding metadata>meta.v1.ObjectMeta
resource.v1.AllocatedDeviceStatus conditions[type]
resource.v1.CapacityRequestPolicy default# validRange>resource.v1.CapacityRequestPolicyRange
resource.v1.CapacityRequestPolicyRange max# min# step#
resource.v1.CapacityRequirements requests*#
resource.v1.Counter value#
resource.v1.CounterSet counters*resource.v1.Counter
resource.v1.Device capacity*resource.v1.DeviceCapacity nodeAllocatableResources*resource.v1.NodeAllocatableResource
resource.v1.DeviceCapacity requestPolicy>resource.v1.CapacityRequestPolicy value#
resource.v1.DeviceClass metadata>meta.v1.ObjectMeta
resource.v1.DeviceCounterConsumption counters*resource.v1.Counter
resource.v1.DeviceRequest exactly>resource.v1.ExactDeviceRequest
resource.v1.DeviceRequestAllocationResult consumedCapacity*# skipNodeOperations{}
resource.v1.DeviceSubRequest capacity>resource.v1.CapacityRequirements
resource.v1.DeviceTaintRule metadata>meta.v1.ObjectMeta status>resource.v1.DeviceTaintRuleStatus
resource.v1.DeviceTaintRuleStatus conditions[type]
resource.v1.ExactDeviceRequest capacity>resource.v1.CapacityRequirements
resource.v1.NodeAllocatableMapping capacityMultiplier# deviceMultiplier#
resource.v1.NodeAllocatableOverhead perContainer# perPod#
resource.v1.NodeAllocatableResource mapping>resource.v1.NodeAllocatableMapping overhead>resource.v1.NodeAllocatableOverhead
resource.v1.ResourceClaim metadata>meta.v1.ObjectMeta status>resource.v1.ResourceClaimStatus
resource.v1.ResourceClaimStatus devices[driver,device,pool,shareID]resource.v1.AllocatedDeviceStatus reservedFor[uid]
resource.v1.ResourceClaimTemplate metadata>meta.v1.ObjectMeta spec>resource.v1.ResourceClaimTemplateSpec
resource.v1.ResourceClaimTemplateSpec metadata>meta.v1.ObjectMeta
resource.v1.ResourceSlice metadata>meta.v1.ObjectMeta spec>resource.v1.ResourceSliceSpec
resource.v1.ResourceSliceSpec skipNodeOperations{}
resource.v1alpha3.DeviceTaintRule metadata>meta.v1.ObjectMeta status>resource.v1alpha3.DeviceTaintRuleStatus
resource.v1alpha3.DeviceTaintRuleStatus conditions[type]
resource.v1alpha3.ResourcePoolStatusRequest metadata>meta.v1.ObjectMeta status>resource.v1alpha3.ResourcePoolStatusRequestStatus
resource.v1alpha3.ResourcePoolStatusRequestStatus conditions[type]
resource.v1alpha3.ShareableCapacityStatus available# consumed# total#
resource.v1beta1.AllocatedDeviceStatus conditions[type]
resource.v1beta1.BasicDevice capacity*resource.v1beta1.DeviceCapacity nodeAllocatableResources*resource.v1beta1.NodeAllocatableResource
resource.v1beta1.CapacityRequestPolicy default# validRange>resource.v1beta1.CapacityRequestPolicyRange
resource.v1beta1.CapacityRequestPolicyRange max# min# step#
resource.v1beta1.CapacityRequirements requests*#
resource.v1beta1.Counter value#
resource.v1beta1.CounterSet counters*resource.v1beta1.Counter
resource.v1beta1.Device basic>resource.v1beta1.BasicDevice
resource.v1beta1.DeviceCapacity requestPolicy>resource.v1beta1.CapacityRequestPolicy value#
resource.v1beta1.DeviceClass metadata>meta.v1.ObjectMeta
resource.v1beta1.DeviceCounterConsumption counters*resource.v1beta1.Counter
resource.v1beta1.DeviceRequest capacity>resource.v1beta1.CapacityRequirements
resource.v1beta1.DeviceRequestAllocationResult consumedCapacity*# skipNodeOperations{}
resource.v1beta1.DeviceSubRequest capacity>resource.v1beta1.CapacityRequirements
resource.v1beta1.NodeAllocatableMapping capacityMultiplier# deviceMultiplier#
resource.v1beta1.NodeAllocatableOverhead perContainer# perPod#
resource.v1beta1.NodeAllocatableResource mapping>resource.v1beta1.NodeAllocatableMapping overhead>resource.v1beta1.NodeAllocatableOverhead
resource.v1beta1.ResourceClaim metadata>meta.v1.ObjectMeta status>resource.v1beta1.ResourceClaimStatus
resource.v1beta1.ResourceClaimStatus devices[driver,device,pool,shareID]resource.v1beta1.AllocatedDeviceStatus reservedFor[uid]
resource.v1beta1.ResourceClaimTemplate metadata>meta.v1.ObjectMeta spec>resource.v1beta1.ResourceClaimTemplateSpec
resource.v1beta1.ResourceClaimTemplateSpec metadata>meta.v1.ObjectMeta
resource.v1beta1.ResourceSlice metadata>meta.v1.ObjectMeta spec>resource.v1beta1.ResourceSliceSpec
resource.v1beta1.ResourceSliceSpec skipNodeOperations{}
resource.v1beta2.AllocatedDeviceStatus conditions[type]
resource.v1beta2.CapacityRequestPolicy default# validRange>resource.v1beta2.CapacityRequestPolicyRange
resource.v1beta2.CapacityRequestPolicyRange max# min# step#
resource.v1beta2.CapacityRequirements requests*#
resource.v1beta2.Counter value#
resource.v1beta2.CounterSet counters*resource.v1beta2.Counter
resource.v1beta2.Device capacity*resource.v1beta2.DeviceCapacity nodeAllocatableResources*resource.v1beta2.NodeAllocatableResource
resource.v1beta2.DeviceCapacity requestPolicy>resource.v1beta2.CapacityRequestPolicy value#
resource.v1beta2.DeviceClass metadata>meta.v1.ObjectMeta
resource.v1beta2.DeviceCounterConsumption counters*resource.v1beta2.Counter
resource.v1beta2.DeviceRequest exactly>resource.v1beta2.ExactDeviceRequest
resource.v1beta2.DeviceRequestAllocationResult consumedCapacity*# skipNodeOperations{}
resource.v1beta2.DeviceSubRequest capacity>resource.v1beta2.CapacityRequirements
resource.v1beta2.DeviceTaintRule metadata>meta.v1.ObjectMeta status>resource.v1beta2.DeviceTaintRuleStatus
resource.v1beta2.DeviceTaintRuleStatus conditions[type]
resource.v1beta2.ExactDeviceRequest capacity>resource.v1beta2.CapacityRequirements
resource.v1beta2.NodeAllocatableMapping capacityMultiplier# deviceMultiplier#
resource.v1beta2.NodeAllocatableOverhead perContainer# perPod#
resource.v1beta2.NodeAllocatableResource mapping>resource.v1beta2.NodeAllocatableMapping overhead>resource.v1beta2.NodeAllocatableOverhead
resource.v1beta2.ResourceClaim metadata>meta.v1.ObjectMeta status>resource.v1beta2.ResourceClaimStatus
resource.v1beta2.ResourceClaimStatus devices[driver,device,pool,shareID]resource.v1beta2.AllocatedDeviceStatus reservedFor[uid]
resource.v1beta2.ResourceClaimTemplate metadata>meta.v1.ObjectMeta spec>resource.v1beta2.ResourceClaimTemplateSpec
resource.v1beta2.ResourceClaimTemplateSpec metadata>meta.v1.ObjectMeta
resource.v1beta2.ResourceSlice metadata>meta.v1.ObjectMeta spec>resource.v1beta2.ResourceSliceSpec
resource.v1beta2.ResourceSliceSpec skipNodeOperations{}
scheduling.v1.PriorityClass metadata>meta.v1.ObjectMeta
scheduling.v1alpha3.CompositePodGroup metadata>meta.v1.ObjectMeta status>scheduling.v1alpha3.CompositePodGroupStatus
scheduling.v1alpha3.CompositePodGroupStatus conditions[type]
scheduling.v1alpha3.CompositePodGroupTemplate compositePodGroupTemplates[name]scheduling.v1alpha3.CompositePodGroupTemplate podGroupTemplates[name]scheduling.v1alpha3.PodGroupTemplate
scheduling.v1alpha3.PodGroup metadata>meta.v1.ObjectMeta spec>scheduling.v1alpha3.PodGroupSpec status>scheduling.v1alpha3.PodGroupStatus
scheduling.v1alpha3.PodGroupSpec resourceClaims[name]
scheduling.v1alpha3.PodGroupStatus conditions[type] resourceClaimStatuses[name]
scheduling.v1alpha3.PodGroupTemplate resourceClaims[name]
scheduling.v1alpha3.Workload metadata>meta.v1.ObjectMeta spec>scheduling.v1alpha3.WorkloadSpec
scheduling.v1alpha3.WorkloadSpec compositePodGroupTemplates[name]scheduling.v1alpha3.CompositePodGroupTemplate podGroupTemplates[name]scheduling.v1alpha3.PodGroupTemplate
scheduling.v1beta1.CompositePodGroupTemplate compositePodGroupTemplates[name]scheduling.v1beta1.CompositePodGroupTemplate podGroupTemplates[name]scheduling.v1beta1.PodGroupTemplate
scheduling.v1beta1.PodGroup metadata>meta.v1.ObjectMeta spec>scheduling.v1beta1.PodGroupSpec status>scheduling.v1beta1.PodGroupStatus
scheduling.v1beta1.PodGroupSpec resourceClaims[name]
scheduling.v1beta1.PodGroupStatus conditions[type] resourceClaimStatuses[name]
scheduling.v1beta1.PodGroupTemplate resourceClaims[name]
scheduling.v1beta1.PriorityClass metadata>meta.v1.ObjectMeta
scheduling.v1beta1.Workload metadata>meta.v1.ObjectMeta spec>scheduling.v1beta1.WorkloadSpec
scheduling.v1beta1.WorkloadSpec compositePodGroupTemplates[name]scheduling.v1beta1.CompositePodGroupTemplate podGroupTemplates[name]scheduling.v1beta1.PodGroupTemplate
storage.v1.CSIDriver metadata>meta.v1.ObjectMeta spec>storage.v1.CSIDriverSpec
storage.v1.CSIDriverSpec volumeLifecycleModes{}
storage.v1.CSINode metadata>meta.v1.ObjectMeta spec>storage.v1.CSINodeSpec status>storage.v1.CSINodeStatus
storage.v1.CSINodeSpec drivers[name]
storage.v1.CSINodeStatus storageHealth[name]
storage.v1.CSIStorageCapacity capacity# maximumVolumeSize# metadata>meta.v1.ObjectMeta
storage.v1.StorageClass metadata>meta.v1.ObjectMeta
storage.v1.VolumeAttachment metadata>meta.v1.ObjectMeta spec>storage.v1.VolumeAttachmentSpec
storage.v1.VolumeAttachmentSource inlineVolumeSpec>core.v1.PersistentVolumeSpec
storage.v1.VolumeAttachmentSpec source>storage.v1.VolumeAttachmentSource
storage.v1.VolumeAttributesClass metadata>meta.v1.ObjectMeta
storage.v1alpha1.CSIStorageCapacity capacity# maximumVolumeSize# metadata>meta.v1.ObjectMeta
storage.v1alpha1.VolumeAttachment metadata>meta.v1.ObjectMeta spec>storage.v1alpha1.VolumeAttachmentSpec
storage.v1alpha1.VolumeAttachmentSource inlineVolumeSpec>core.v1.PersistentVolumeSpec
storage.v1alpha1.VolumeAttachmentSpec source>storage.v1alpha1.VolumeAttachmentSource
storage.v1alpha1.VolumeAttributesClass metadata>meta.v1.ObjectMeta
storage.v1beta1.CSIDriver metadata>meta.v1.ObjectMeta
storage.v1beta1.CSINode metadata>meta.v1.ObjectMeta spec>storage.v1beta1.CSINodeSpec status>storage.v1beta1.CSINodeStatus
storage.v1beta1.CSINodeSpec drivers[name]
storage.v1beta1.CSINodeStatus storageHealth[name]
storage.v1beta1.CSIStorageCapacity capacity# maximumVolumeSize# metadata>meta.v1.ObjectMeta
storage.v1beta1.StorageClass metadata>meta.v1.ObjectMeta
storage.v1beta1.VolumeAttachment metadata>meta.v1.ObjectMeta spec>storage.v1beta1.VolumeAttachmentSpec
storage.v1beta1.VolumeAttachmentSource inlineVolumeSpec>core.v1.PersistentVolumeSpec
storage.v1beta1.VolumeAttachmentSpec source>storage.v1beta1.VolumeAttachmentSource
storage.v1beta1.VolumeAttributesClass metadata>meta.v1.ObjectMeta
storagemigration.v1.StorageVersionMigration metadata>meta.v1.ObjectMeta status>storagemigration.v1.StorageVersionMigrationStatus
storagemigration.v1.StorageVersionMigrationStatus conditions[type]
storagemigration.v1beta1.StorageVersionMigration metadata>meta.v1.ObjectMeta status>storagemigration.v1beta1.StorageVersionMigrationStatus
storagemigration.v1beta1.StorageVersionMigrationStatus conditions[type]
meta.v1.ObjectMeta finalizers{} ownerReferences[uid]
`;
