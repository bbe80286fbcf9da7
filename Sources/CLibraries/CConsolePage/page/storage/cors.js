// Which pages of other origins may use a bucket from a browser.
import { DocumentEditor } from "./document-editor.js";
import { bucketPath } from "./paths.js";

const rule = (origins, methods) => ({
  CORSRules: [{ AllowedOrigins: origins, AllowedMethods: methods, AllowedHeaders: ["*"], ExposeHeaders: ["ETag"], MaxAgeSeconds: 3600 }],
});

const templates = [
  ["cors.read", () => rule(["*"], ["GET", "HEAD"])],
  ["cors.site", () => rule(["https://example.org"], ["GET", "HEAD", "PUT", "POST", "DELETE"])],
];

export class CORSEditor extends DocumentEditor {
  constructor(bucket, exists) {
    super({ path: bucketPath(bucket, "cors/"), name: "cors", label: "cors.label", exists, templates, rows: 10 });
  }
}
