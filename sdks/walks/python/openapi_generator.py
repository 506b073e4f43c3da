import os
import re

import client
from client.exceptions import ForbiddenException

WAIT = "wait=30"
WALK = os.environ["WALK"]


def signed_in(token: str) -> client.ApiClient:
    return client.ApiClient(client.Configuration(host=os.environ["PKGSERVER_URL"], access_token=token))


author = signed_in(os.environ["PKGSERVER_TOKEN"])
access = client.AccessApi(author)
repositories = client.RepositoriesApi(author)
revisions = client.PackageRevisionsApi(author)
contents = client.PackageContentsApi(author)


def register(name: str, url: str, deployment: bool) -> client.Repository:
    git = client.RepositoryGitCreateRequest(url=url)
    made = repositories.create_repository(
        client.RepositoryCreateRequest(name=name, deployment=deployment, git=git)
    )
    return repositories.sync_repository(made.id, prefer=WAIT)


def admit_approver(user: str, repository: client.Repository) -> str:
    """Gives the token of a user who may approve in the repository."""
    subject = client.RoleSubjectRequest(type="user", name=user)
    access.create_role_binding(
        client.RoleBindingCreateRequest(role="approver", subject=subject, repository_id=repository.id)
    )
    made = access.create_api_token(client.ApiTokenCreateRequest(description=WALK, user=user))
    assert made.token is not None
    return made.token


catalog = register(f"catalog-{WALK}", os.environ["CATALOG_URL"], deployment=False)
deployment = register(f"deployment-{WALK}", os.environ["DEPLOYMENT_URL"], deployment=True)
approver = client.PackageRevisionsApi(signed_in(admit_approver(f"approver-{WALK}", deployment)))

[blueprint] = revisions.list_package_revisions(repository_id=catalog.id, package="web", latest=True).items
assert blueprint.tag == "apps/web/v2", blueprint.tag

upstream = client.UpstreamChoice(client.UpstreamRevision(revision_id=blueprint.id))
draft = revisions.create_package_revision(
    client.PackageRevisionCreateRequest(
        repository_id=deployment.id,
        target="edge01",
        package="web",
        workspace="first",
        source=client.RevisionSource(client.CloneSource(type="clone", upstream=upstream)),
    )
)

content = contents.get_package_revision_resources(draft.id)
edited = re.sub(r"replicas: \d+", "replicas: 5", content.files["deployment.yaml"].content)
edit = client.FileEdit(client.FilePatch(content=edited))
contents.update_package_revision_resources(
    draft.id, content.etag, client.ResourcesPatchRequest(files={"deployment.yaml": edit})
)

proposal = revisions.propose_package_revision(draft.id)
try:
    revisions.approve_package_revision(draft.id, proposal.etag, prefer=WAIT)
    raise AssertionError("The author approved.")
except ForbiddenException as refused:
    assert refused.data.code == "selfApproval", refused.data
approver.approve_package_revision(draft.id, proposal.etag, prefer=WAIT)

[published] = revisions.list_package_revisions(repository_id=deployment.id, lifecycle=["published"]).items
assert (published.tag, published.revision) == ("edge01/web/v1", "v1"), published
