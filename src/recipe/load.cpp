#include "proxseg/recipe/load.h"

#include "recipe/layers.h"

namespace proxseg {

ResolvedRecipe resolve_recipe(const std::string& name_or_path,
                              const std::vector<Override>& overrides) {
  Layers layers;
  layers.add_recipe(name_or_path, {}, "");
  for (const Override& given : overrides) layers.add_override(given);
  return layers.finish();
}

Recipe load_recipe(const std::string& name_or_path, const std::vector<Override>& overrides) {
  return resolve_recipe(name_or_path, overrides).recipe;
}

Recipe recipe_from_json(std::string_view text, const std::string& label,
                        const std::vector<Override>& overrides) {
  Layers layers;
  layers.add_stored(text, label);
  for (const Override& given : overrides) layers.add_override(given);
  return layers.finish().recipe;
}

}  // namespace proxseg
