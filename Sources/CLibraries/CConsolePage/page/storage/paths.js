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

/** What an address asks for: `{ screen, bucket, prefix }`; the screen `nothing` where there is none of that address. */
export function screenOf(hash) {
  const [place = "", bucket, part = "objects", prefix = "", ...more] = hash.split("/").slice(2);
  if (place === "" && bucket === undefined) return { screen: "buckets" };
  if (place === "keys" && bucket === undefined) return { screen: "keys" };
  if (place !== "bucket" || !bucket || !["objects", "settings"].includes(part) || more.length > 0) return { screen: "nothing" };
  try {
    return { screen: part, bucket: decodeURIComponent(bucket), prefix: decodeURIComponent(prefix) };
  } catch {
    return { screen: "nothing" };
  }
}
