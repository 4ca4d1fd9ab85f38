"""Recipes: how a network's weights are made smaller, step by step, as data."""

from costcalc.recipes.reading import load_recipe, recipe_names
from costcalc.recipes.steps import KINDS, Kind, Recipe, RecipeStep, Rule, Target, read_inline

__all__ = [
    "KINDS",
    "Kind",
    "Recipe",
    "RecipeStep",
    "Rule",
    "Target",
    "load_recipe",
    "read_inline",
    "recipe_names",
]
