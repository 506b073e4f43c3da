-- CreateIndex
CREATE INDEX "krm_object_definition_idx" ON "krm_object"("name") WHERE (kind = 'CustomResourceDefinition');
