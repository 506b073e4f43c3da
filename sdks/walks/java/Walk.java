import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import pkgserver.ApiClient;
import pkgserver.ApiException;
import pkgserver.api.AccessApi;
import pkgserver.api.PackageContentsApi;
import pkgserver.api.PackageRevisionsApi;
import pkgserver.api.RepositoriesApi;
import pkgserver.model.*;

final class Walk {
  private static final String WAIT = "wait=30";
  private static final String NAME = System.getenv("WALK");

  private final ApiClient author = signedIn(System.getenv("PKGSERVER_TOKEN"));
  private final PackageRevisionsApi revisions = new PackageRevisionsApi(author);

  public static void main(String[] arguments) throws ApiException {
    new Walk().run();
  }

  private void run() throws ApiException {
    UUID catalog = register("catalog-" + NAME, System.getenv("CATALOG_URL"), false);
    UUID deployment = register("deployment-" + NAME, System.getenv("DEPLOYMENT_URL"), true);
    ApiClient approver = signedIn(admitApprover("approver-" + NAME, deployment));

    List<PackageRevision> blueprints =
        revisions
            .listPackageRevisions(
                PackageRevisionsApi.APIListPackageRevisionsRequest.newBuilder()
                    .repositoryId(catalog)
                    ._package("web")
                    .latest(true)
                    .build())
            .getItems();
    expect("the latest blueprints", "[apps/web/v2]", blueprints.stream().map(PackageRevision::getTag).toList());

    UpstreamChoice upstream = new UpstreamChoice(new UpstreamRevision().revisionId(blueprints.get(0).getId()));
    CloneSource source = new CloneSource().type(CloneSource.TypeEnum.CLONE).upstream(upstream);
    PackageRevisionCreateRequest request =
        new PackageRevisionCreateRequest()
            .repositoryId(deployment)
            .target("edge01")
            ._package("web")
            .workspace("first")
            .source(new RevisionSource(source));
    UUID draft =
        revisions
            .createPackageRevision(
                PackageRevisionsApi.APICreatePackageRevisionRequest.newBuilder()
                    .packageRevisionCreateRequest(request)
                    .build())
            .getId();
    edit(draft);

    PackageRevision proposal =
        revisions.proposePackageRevision(
            PackageRevisionsApi.APIProposePackageRevisionRequest.newBuilder().id(draft).build());
    PackageRevisionsApi.APIApprovePackageRevisionRequest approval =
        PackageRevisionsApi.APIApprovePackageRevisionRequest.newBuilder()
            .id(draft)
            .ifMatch(proposal.getEtag())
            .prefer(WAIT)
            .build();
    try {
      revisions.approvePackageRevision(approval);
      throw new IllegalStateException("The author approved.");
    } catch (ApiException refused) {
      expect("the author's approval", "403", refused.getCode());
    }
    new PackageRevisionsApi(approver).approvePackageRevision(approval);

    List<PackageRevision> published =
        revisions
            .listPackageRevisions(
                PackageRevisionsApi.APIListPackageRevisionsRequest.newBuilder()
                    .repositoryId(deployment)
                    .lifecycle(List.of(Lifecycle.fromValue("published")))
                    .build())
            .getItems();
    expect("the list of what is published", "[edge01/web/v1]", published.stream().map(PackageRevision::getTag).toList());
    expect("its revision", "v1", published.get(0).getRevision());
  }

  private void edit(UUID draft) throws ApiException {
    PackageContentsApi contents = new PackageContentsApi(author);
    Resources content =
        contents.getPackageRevisionResources(
            PackageContentsApi.APIGetPackageRevisionResourcesRequest.newBuilder().id(draft).build());
    String edited =
        content.getFiles().get("deployment.yaml").getContent().replaceFirst("replicas: \\d+", "replicas: 5");
    FileEdit edit = new FileEdit(new FilePatch().content(edited));
    contents.updatePackageRevisionResources(
        PackageContentsApi.APIUpdatePackageRevisionResourcesRequest.newBuilder()
            .id(draft)
            .ifMatch(content.getEtag())
            .resourcesPatchRequest(new ResourcesPatchRequest().files(Map.of("deployment.yaml", edit)))
            .build());
  }

  private static ApiClient signedIn(String token) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("PKGSERVER_URL"));
    client.setRequestInterceptor((HttpRequest.Builder request) -> request.header("Authorization", "Bearer " + token));
    return client;
  }

  /** Gives the id of the repository, once it has been read. */
  private UUID register(String name, String url, boolean forDelivery) throws ApiException {
    RepositoriesApi repositories = new RepositoriesApi(author);
    RepositoryCreateRequest request =
        new RepositoryCreateRequest().name(name).deployment(forDelivery).git(new RepositoryGitCreateRequest().url(url));
    UUID id =
        repositories
            .createRepository(
                RepositoriesApi.APICreateRepositoryRequest.newBuilder().repositoryCreateRequest(request).build())
            .getId();
    repositories.syncRepository(RepositoriesApi.APISyncRepositoryRequest.newBuilder().id(id).prefer(WAIT).build());
    return id;
  }

  /** Gives the token of a user who may approve in the repository. */
  private String admitApprover(String user, UUID repository) throws ApiException {
    AccessApi access = new AccessApi(author);
    RoleSubjectRequest subject = new RoleSubjectRequest().type(SubjectType.fromValue("user")).name(user);
    RoleBindingCreateRequest binding =
        new RoleBindingCreateRequest().role("approver").subject(subject).repositoryId(repository);
    access.createRoleBinding(
        AccessApi.APICreateRoleBindingRequest.newBuilder().roleBindingCreateRequest(binding).build());
    ApiTokenCreateRequest token = new ApiTokenCreateRequest().description(NAME).user(user);
    return access
        .createApiToken(AccessApi.APICreateApiTokenRequest.newBuilder().apiTokenCreateRequest(token).build())
        .getToken();
  }

  private static void expect(String what, String wanted, Object found) {
    if (!wanted.equals(String.valueOf(found))) {
      throw new IllegalStateException(what + " should be " + wanted + ", and is " + found);
    }
  }
}
