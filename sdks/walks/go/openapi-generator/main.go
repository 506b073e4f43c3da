package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"regexp"

	"walk/client"
)

const wait = "wait=30"

var (
	api      = client.NewAPIClient(configuration())
	walk     = os.Getenv("WALK")
	replicas = regexp.MustCompile(`replicas: \d+`)
)

func main() {
	author := signedIn(os.Getenv("PKGSERVER_TOKEN"))
	catalog := register(author, "catalog-"+walk, os.Getenv("CATALOG_URL"), false)
	deployment := register(author, "deployment-"+walk, os.Getenv("DEPLOYMENT_URL"), true)
	approver := signedIn(admitApprover(author, "approver-"+walk, deployment))

	list := api.PackageRevisionsAPI.ListPackageRevisions(author)
	found := must(list.RepositoryId(catalog).Package_("web").Latest(true).Execute()).Items
	if len(found) != 1 || found[0].GetTag() != "apps/web/v2" {
		log.Panicf("the latest blueprints are %v", found)
	}

	draft := client.NewPackageRevisionCreateRequest(deployment, "first", client.RevisionSource{
		CloneSource: client.NewCloneSource("clone", client.UpstreamChoice{
			UpstreamRevision: client.NewUpstreamRevision(found[0].GetId()),
		}),
	})
	draft.SetTarget("edge01")
	draft.SetPackage("web")
	id := must(api.PackageRevisionsAPI.CreatePackageRevision(author).PackageRevisionCreateRequest(*draft).Execute()).GetId()

	content := must(api.PackageContentsAPI.GetPackageRevisionResources(author, id).Execute())
	file := content.Files["deployment.yaml"]
	edited := replicas.ReplaceAllString(file.GetContent(), "replicas: 5")
	patch := client.NewResourcesPatchRequest()
	patch.SetFiles(map[string]client.FileEdit{"deployment.yaml": {FilePatch: &client.FilePatch{Content: &edited}}})
	update := api.PackageContentsAPI.UpdatePackageRevisionResources(author, id).IfMatch(content.GetEtag())
	must(update.ResourcesPatchRequest(*patch).Execute())

	proposal := must(api.PackageRevisionsAPI.ProposePackageRevision(author, id).Execute())
	approve := func(as context.Context) (*client.PackageRevision, *http.Response, error) {
		return api.PackageRevisionsAPI.ApprovePackageRevision(as, id).IfMatch(proposal.GetEtag()).Prefer(wait).Execute()
	}
	_, _, err := approve(author)
	if code := codeOf(err); code != "selfApproval" {
		log.Panicf("the author's approval gave %s, %v", code, err)
	}
	must(approve(approver))

	list = api.PackageRevisionsAPI.ListPackageRevisions(author)
	published := must(list.RepositoryId(deployment).Lifecycle([]client.Lifecycle{"published"}).Execute()).Items
	if len(published) != 1 || published[0].GetTag() != "edge01/web/v1" || published[0].GetRevision() != "v1" {
		log.Panicf("the list of what is published says %v", published)
	}
}

func configuration() *client.Configuration {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Getenv("PKGSERVER_URL")}}
	return configuration
}

func signedIn(token string) context.Context {
	return context.WithValue(context.Background(), client.ContextAccessToken, token)
}

// register gives the id of the repository, once it has been read.
func register(author context.Context, name, url string, forDelivery bool) string {
	request := client.NewRepositoryCreateRequest(name, *client.NewRepositoryGitCreateRequest(url))
	request.SetDeployment(forDelivery)
	made := must(api.RepositoriesAPI.CreateRepository(author).RepositoryCreateRequest(*request).Execute())
	must(api.RepositoriesAPI.SyncRepository(author, made.GetId()).Prefer(wait).Execute())
	return made.GetId()
}

// admitApprover gives the token of a user who may approve in the repository.
func admitApprover(author context.Context, user, repository string) string {
	binding := client.NewRoleBindingCreateRequest("approver", *client.NewRoleSubjectRequest("user", user))
	binding.SetRepositoryId(repository)
	must(api.AccessAPI.CreateRoleBinding(author).RoleBindingCreateRequest(*binding).Execute())
	token := client.NewApiTokenCreateRequest(walk)
	token.SetUser(user)
	return must(api.AccessAPI.CreateApiToken(author).ApiTokenCreateRequest(*token).Execute()).GetToken()
}

func codeOf(err error) string {
	var failure *client.GenericOpenAPIError
	if !errors.As(err, &failure) {
		return ""
	}
	problem, _ := failure.Model().(client.Problem)
	return string(problem.GetCode())
}

func must[Value any](value Value, _ *http.Response, err error) Value {
	var failure *client.GenericOpenAPIError
	if errors.As(err, &failure) {
		log.Panicf("%v: %s", err, failure.Body())
	}
	if err != nil {
		log.Panic(err)
	}
	return value
}
