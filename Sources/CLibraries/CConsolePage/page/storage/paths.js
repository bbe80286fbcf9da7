// Addresses: of the storage's API, and of the view's own screens.

const root = "/api/storage/";

export const usagePath = root;
export const bucketsPath = `${root}buckets/`;
export const keysPath = `${root}keys/`;
export const bucketPath = (bucket, rest = "") => `${bucketsPath}${encodeURIComponent(bucket)}/${rest}`;
export const keyPath = (id, rest = "") => `${keysPath}${encodeURIComponent(id)}/${rest}`;

/** An address of a bucket's with a query; what is null or undefined stays out. */
export function query(bucket, rest, values) {
  const pairs = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return `${bucketPath(bucket, rest)}?${new URLSearchParams(pairs)}`;
}

/** The part of a list's `next` that this very server answers. */
export function ownAddress(url) {
  const address = new URL(url, location.href);
  return address.pathname + address.search;
}

/** The bytes of an object: to download, or with `inline` to show. */
export const contentPath = (bucket, { key, version_id: version }, inline = false) =>
  query(bucket, "content/", { key, version_id: version, inline: inline ? "true" : null });

export const screens = {
  buckets: "#/storage",
  keys: "#/storage/keys",
  objects: (bucket, prefix = "") => `#/storage/bucket/${encodeURIComponent(bucket)}/objects/${encodeURIComponent(prefix)}`,
  settings: (bucket) => `#/storage/bucket/${encodeURIComponent(bucket)}/settings`,
};

/** What an address asks for: `{ screen, bucket, prefix }`. */
export function screenOf(hash) {
  const [, , place, bucket, part, prefix = ""] = hash.split("/");
  if (place === "keys") return { screen: "keys" };
  if (place !== "bucket" || !bucket) return { screen: "buckets" };
  try {
    return part === "settings"
      ? { screen: "settings", bucket: decodeURIComponent(bucket) }
      : { screen: "objects", bucket: decodeURIComponent(bucket), prefix: decodeURIComponent(prefix) };
  } catch {
    return { screen: "buckets" };
  }
}
