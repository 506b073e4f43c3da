package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"regexp"

	"walk/client"
)

const wait = "wait=30"

var (
	ctx      = context.Background()
	walk     = os.Getenv("WALK")
	replicas = regexp.MustCompile(`replicas: \d+`)
)

func main() {
	author := clientOf(os.Getenv("PKGSERVER_TOKEN"))
	catalog := register(author, "catalog-"+walk, os.Getenv("CATALOG_URL"), false)
	deployment := register(author, "deployment-"+walk, os.Getenv("DEPLOYMENT_URL"), true)
	approver := clientOf(admitApprover(author, "approver-"+walk, deployment))

	blueprints := must(author.ListPackageRevisionsWithResponse(ctx, &client.ListPackageRevisionsParams{
		RepositoryId: &catalog.Id, Package: new("web"), Latest: new(true),
	}))
	found := body(blueprints.JSON200, blueprints.Body).Items
	if len(found) != 1 || *found[0].Tag != "apps/web/v2" {
		log.Fatalf("the latest blueprints are %v", found)
	}

	var upstream client.UpstreamChoice
	check(upstream.FromUpstreamRevision(client.UpstreamRevision{RevisionId: found[0].Id}))
	var source client.RevisionSource
	check(source.FromCloneSource(client.CloneSource{Type: "clone", Upstream: upstream}))
	created := must(author.CreatePackageRevisionWithResponse(ctx, &client.CreatePackageRevisionParams{},
		client.PackageRevisionCreateRequest{
			RepositoryId: deployment.Id, Target: new("edge01"), Package: new("web"), Workspace: "first", Source: source,
		}))
	draft := body(created.JSON201, created.Body)

	read := must(author.GetPackageRevisionResourcesWithResponse(ctx, draft.Id, &client.GetPackageRevisionResourcesParams{}))
	content := body(read.JSON200, read.Body)
	var edit client.FileEdit
	check(edit.FromFilePatch(client.FilePatch{
		Content: new(replicas.ReplaceAllString(content.Files["deployment.yaml"].Content, "replicas: 5")),
	}))
	saved := must(author.UpdatePackageRevisionResourcesWithResponse(ctx, draft.Id,
		&client.UpdatePackageRevisionResourcesParams{IfMatch: content.Etag},
		client.ResourcesPatchRequest{Files: &map[string]*client.FileEdit{"deployment.yaml": &edit}}))
	body(saved.JSON200, saved.Body)

	proposed := must(author.ProposePackageRevisionWithResponse(ctx, draft.Id, &client.ProposePackageRevisionParams{}))
	proposal := body(proposed.JSON200, proposed.Body)
	params := &client.ApprovePackageRevisionParams{IfMatch: proposal.Etag, Prefer: new(wait)}
	refused := must(author.ApprovePackageRevisionWithResponse(ctx, draft.Id, params, client.ApproveRequest{}))
	var problem client.Problem
	check(json.Unmarshal(refused.Body, &problem))
	if problem.Code != "selfApproval" {
		log.Fatalf("the author's approval gave %d %s", refused.StatusCode(), refused.Body)
	}
	approved := must(approver.ApprovePackageRevisionWithResponse(ctx, draft.Id, params, client.ApproveRequest{}))
	body(approved.JSON200, approved.Body)

	listed := must(author.ListPackageRevisionsWithResponse(ctx, &client.ListPackageRevisionsParams{
		RepositoryId: &deployment.Id, Latest: new(true),
	}))
	published := body(listed.JSON200, listed.Body).Items
	if len(published) != 1 || *published[0].Tag != "edge01/web/v1" || *published[0].Revision != "v1" {
		log.Fatalf("the list of what is published says %s", listed.Body)
	}
}

func clientOf(token string) *client.ClientWithResponses {
	signIn := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	return must(client.NewClientWithResponses(os.Getenv("PKGSERVER_URL"), client.WithRequestEditorFn(signIn)))
}

func register(author *client.ClientWithResponses, name, url string, forDelivery bool) *client.Repository {
	made := must(author.CreateRepositoryWithResponse(ctx, &client.CreateRepositoryParams{}, client.RepositoryCreateRequest{
		Name: name, Deployment: &forDelivery, Git: client.RepositoryGitCreateRequest{Url: url},
	}))
	repository := body(made.JSON201, made.Body)
	synced := must(author.SyncRepositoryWithResponse(ctx, repository.Id, &client.SyncRepositoryParams{Prefer: new(wait)}))
	return body(synced.JSON200, synced.Body)
}

// admitApprover gives the token of a user who may approve in the repository.
func admitApprover(author *client.ClientWithResponses, user string, repository *client.Repository) string {
	bound := must(author.CreateRoleBindingWithResponse(ctx, &client.CreateRoleBindingParams{}, client.RoleBindingCreateRequest{
		Role: "approver", Subject: client.RoleSubjectRequest{Type: "user", Name: user}, RepositoryId: &repository.Id,
	}))
	body(bound.JSON201, bound.Body)
	made := must(author.CreateApiTokenWithResponse(ctx, &client.CreateApiTokenParams{}, client.ApiTokenCreateRequest{
		Description: walk, User: &user,
	}))
	return *body(made.JSON201, made.Body).Token
}

// body stops the walk if the answer has another status than the one whose body is asked for.
func body[Body any](answer *Body, raw []byte) *Body {
	if answer == nil {
		log.Panicf("another answer: %s", bytes.TrimSpace(raw))
	}
	return answer
}

func must[Value any](value Value, err error) Value {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}
