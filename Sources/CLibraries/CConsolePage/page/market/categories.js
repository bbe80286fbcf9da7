// The tree of categories: asked for once.
import { nameIn } from "./words.js";
import { get } from "./server.js";

let tree = null;
let known = new Map();

/** [{ slug, name, children }] Throws APIError. */
export async function categories() {
  if (tree) return tree;
  const answer = await get("/api/categories/");
  known = new Map();
  const walk = (nodes, above) => {
    for (const node of nodes) {
      known.set(node.slug, { ...node, above });
      walk(node.children, [...above, node.slug]);
    }
  };
  walk(answer, []);
  tree = answer;
  return tree;
}

/** The name in the spoken language; the slug where the tree is not known yet. */
export const categoryName = (slug) => (known.has(slug) ? nameIn(known.get(slug).name) : slug);
/** From the top to the category itself. */
export const categoryPath = (slug) => [...(known.get(slug)?.above ?? []), slug];

/** Every category with its depth, for a list to choose from. */
export function allCategories() {
  const all = [];
  const walk = (nodes, depth) => {
    for (const { slug, children } of nodes) {
      all.push({ slug, depth });
      walk(children, depth + 1);
    }
  };
  walk(tree ?? [], 0);
  return all;
}
