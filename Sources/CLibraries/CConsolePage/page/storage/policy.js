// Who may do what in a bucket: its policy, with the usual ones to begin from.
import { DocumentEditor } from "./document-editor.js";
import { bucketPath } from "./paths.js";

const statement = (bucket, actions, resource, more = {}) => ({
  Version: "2012-10-17",
  Statement: [{ Sid: "Console", Effect: "Allow", Principal: { AWS: ["*"] }, Action: actions, Resource: resource, ...more }],
});

const templates = (bucket) => {
  const objects = `arn:aws:s3:::${bucket}/*`;
  const user = { Principal: { AWS: ["arn:aws:iam:::user/NAME"] } };
  return [
    ["policy.public", () => statement(bucket, ["s3:GetObject"], [objects])],
    ["policy.folder", () => statement(bucket, ["s3:GetObject"], [`arn:aws:s3:::${bucket}/public/*`])],
    ["policy.reader", () => statement(bucket, ["s3:GetObject", "s3:ListBucket"], [`arn:aws:s3:::${bucket}`, objects], user)],
    ["policy.writer", () => statement(
      bucket, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"], [`arn:aws:s3:::${bucket}`, objects], user)],
    ["policy.network", () => statement(bucket, ["s3:GetObject"], [objects], { Condition: { IpAddress: { "aws:SourceIp": ["192.0.2.0/24"] } } })],
  ];
};

export class PolicyEditor extends DocumentEditor {
  constructor(bucket, exists) {
    super({ path: bucketPath(bucket, "policy/"), name: "policy", label: "policy.label", exists, templates: templates(bucket) });
  }
}
