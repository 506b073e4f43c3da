import os
import re

from client import AuthenticatedClient
from client.api.access import create_api_token, create_role_binding
from client.api.package_contents import get_package_revision_resources, update_package_revision_resources
from client.api.package_revisions import (
    approve_package_revision,
    create_package_revision,
    list_package_revisions,
    propose_package_revision,
)
from client.api.repositories import create_repository, sync_repository
from client.models import (
    ApiTokenCreateRequest,
    CloneSource,
    FilePatch,
    Lifecycle,
    PackageRevision,
    PackageRevisionCreateRequest,
    Problem,
    Repository,
    RepositoryCreateRequest,
    RepositoryGitCreateRequest,
    ResourcesPatchRequest,
    ResourcesPatchRequestFiles,
    RoleBindingCreateRequest,
    RoleSubjectRequest,
    SubjectType,
    UpstreamRevision,
)

WAIT = "wait=30"
WALK = os.environ["WALK"]


def signed_in(token: str) -> AuthenticatedClient:
    # The client has a limit of five seconds of its own, which is less than the walk waits.
    return AuthenticatedClient(base_url=os.environ["PKGSERVER_URL"], token=token, timeout=60)


author = signed_in(os.environ["PKGSERVER_TOKEN"])


def register(name: str, url: str, deployment: bool) -> Repository:
    git = RepositoryGitCreateRequest(url=url)
    body = RepositoryCreateRequest(name=name, deployment=deployment, git=git)
    made = create_repository.sync(client=author, body=body)
    assert isinstance(made, Repository), made
    synced = sync_repository.sync(made.id, client=author, prefer=WAIT)
    assert isinstance(synced, Repository), synced
    return synced


def admit_approver(user: str, repository: Repository) -> str:
    """Gives the token of a user who may approve in the repository."""
    subject = RoleSubjectRequest(type_=SubjectType("user"), name=user)
    body = RoleBindingCreateRequest(role="approver", subject=subject, repository_id=repository.id)
    create_role_binding.sync(client=author, body=body)
    made = create_api_token.sync(client=author, body=ApiTokenCreateRequest(description=WALK, user=user))
    assert not isinstance(made, Problem) and made.token, made
    return made.token


catalog = register(f"catalog-{WALK}", os.environ["CATALOG_URL"], deployment=False)
deployment = register(f"deployment-{WALK}", os.environ["DEPLOYMENT_URL"], deployment=True)
approver = signed_in(admit_approver(f"approver-{WALK}", deployment))

found = list_package_revisions.sync(client=author, repository_id=catalog.id, package="web", latest=True)
assert [item.tag for item in found.items] == ["apps/web/v2"], found

source = CloneSource(type_="clone", upstream=UpstreamRevision(revision_id=found.items[0].id))
body = PackageRevisionCreateRequest(
    repository_id=deployment.id, target="edge01", package="web", workspace="first", source=source
)
draft = create_package_revision.sync(client=author, body=body)
assert isinstance(draft, PackageRevision), draft

content = get_package_revision_resources.sync(draft.id, client=author)
edited = re.sub(r"replicas: \d+", "replicas: 5", content.files["deployment.yaml"].content)
files = ResourcesPatchRequestFiles()
files["deployment.yaml"] = FilePatch(content=edited)
patch = ResourcesPatchRequest(files=files)
saved = update_package_revision_resources.sync(draft.id, client=author, body=patch, if_match=content.etag)
assert not isinstance(saved, Problem), saved

proposal = propose_package_revision.sync(draft.id, client=author)
refused = approve_package_revision.sync(draft.id, client=author, if_match=proposal.etag, prefer=WAIT)
assert isinstance(refused, Problem) and refused.code == "selfApproval", refused
approved = approve_package_revision.sync(draft.id, client=approver, if_match=proposal.etag, prefer=WAIT)
assert isinstance(approved, PackageRevision), approved

lifecycle = [Lifecycle("published")]
listed = list_package_revisions.sync(client=author, repository_id=deployment.id, lifecycle=lifecycle)
assert [(item.tag, item.revision) for item in listed.items] == [("edge01/web/v1", "v1")], listed
