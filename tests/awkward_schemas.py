"""JSON Schemas that are hard to make values for, by name; each can be satisfied."""

from __future__ import annotations

__all__ = ["AWKWARD"]

TREE = {
    "$ref": "#/$defs/tree",
    "$defs": {
        "tree": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
            },
            "required": ["value", "children"],
        }
    },
}
LINKED = {
    "$defs": {
        "link": {
            "type": "object",
            "properties": {"next": {"anyOf": [{"$ref": "#/$defs/link"}, {"type": "null"}]}},
            "required": ["next"],
        }
    },
    "$ref": "#/$defs/link",
}
MUTUAL = {
    "$defs": {
        "ask": {"type": "object", "properties": {"answer": {"$ref": "#/$defs/answer"}}, "required": ["answer"]},
        "answer": {"anyOf": [{"$ref": "#/$defs/ask"}, {"type": "string", "maxLength": 3}]},
    },
    "$ref": "#/$defs/ask",
}
PET = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
            "required": ["kind"],
        },
        {
            "type": "object",
            "properties": {"kind": {"const": "dog"}, "barks": {"type": "boolean"}},
            "required": ["kind"],
        },
    ]
}
POSTCODE = {
    "type": "object",
    "properties": {"country": {"enum": ["NL", "US"]}, "code": {"type": "string"}},
    "required": ["country", "code"],
    "if": {"properties": {"country": {"const": "NL"}}},
    "then": {"properties": {"code": {"pattern": r"^\d{4} [A-Z]{2}$"}}},
    "else": {"properties": {"code": {"pattern": r"^\d{5}$"}}},
}

AWKWARD = {
    "const object": {"const": {"a": [1, None, "x"]}},
    "const false": {"const": False},
    "enum of mixed types": {"enum": [1, "one", None, [1], {"one": 1}]},
    "enum cut by type": {"type": "string", "enum": [1, "one", None]},
    "enum cut by bounds": {"enum": [1, 5, 9], "minimum": 4},
    "type list": {"type": ["integer", "array", "null"], "minimum": 3, "minItems": 2},
    "no type": {"minLength": 4, "maxLength": 4},
    "exclusive bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
    "one number": {"type": "number", "minimum": 0.1, "maximum": 0.1},
    "negative integers": {"type": "integer", "exclusiveMaximum": -7},
    "exclusive integers": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
    "huge numbers": {"type": "number", "minimum": 1e300},
    "huge integers": {"type": "integer", "minimum": 10**25},
    "hundredths": {"type": "number", "multipleOf": 0.01, "minimum": 0.05, "maximum": 0.3},
    "integer multiple of a fraction": {"type": "integer", "multipleOf": 2.5, "minimum": 1},
    "two multiples": {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "type": "integer", "exclusiveMinimum": 0},
    "many odd numbers": {"type": "array", "items": {"not": {"multipleOf": 2}, "type": "integer"}, "minItems": 12},
    "odd": {"type": "integer", "not": {"multipleOf": 2}},
    "long string": {"type": "string", "minLength": 400, "maxLength": 401},
    "one letter": {"type": "string", "minLength": 1, "maxLength": 1},
    "empty string": {"type": "string", "maxLength": 0},
    "plate": {"type": "string", "pattern": r"^[A-Z]{2}-\d{3}-[A-Z]{2}$"},
    "pattern and length": {"type": "string", "pattern": r"^(ab|cd)+e?$", "minLength": 9, "maxLength": 12},
    "unanchored pattern and length": {"type": "string", "pattern": "x{3}", "minLength": 20},
    "two patterns": {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}]},
    "password": {"type": "string", "pattern": r"^(?=.*\d)(?=.*[A-Z])(?=.*[a-z]).{8,12}$"},
    "not a pattern": {"type": "string", "not": {"pattern": "[aeiou]"}, "minLength": 3},
    "back reference": {"type": "string", "pattern": r"^<(\w+)>[^<]*</\1>$"},
    "named group": {"type": "string", "pattern": r"^(?P<year>\d{4})-\1$"},
    "class of ranges": {"type": "string", "pattern": r"^[\-a-f\d\u4e00-\u9fff]{4}[^\x00-\x7f]\.\x41$"},
    "negated class": {"type": "string", "pattern": r"^[^\w\s]{3}$"},
    "decimal": {"type": "string", "pattern": r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"},
    "set of an enum": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    "set of booleans": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"type": "string"}],
        "items": False,
        "minItems": 2,
    },
    "contains": {"type": "array", "contains": {"const": 7}, "minContains": 2, "items": {"type": "integer"}},
    "contains at most": {
        "type": "array",
        "contains": {"minimum": 50},
        "maxContains": 1,
        "items": {"type": "integer"},
        "minItems": 3,
    },
    "required but undeclared": {"type": "object", "required": ["a", "b"], "additionalProperties": {"type": "integer"}},
    "map with a size": {
        "type": "object",
        "additionalProperties": {"type": "null"},
        "minProperties": 4,
        "maxProperties": 4,
    },
    "map with named keys": {"type": "object", "propertyNames": {"pattern": "^x_[a-z]+$"}, "minProperties": 2},
    "pattern properties": {
        "type": "object",
        "patternProperties": {"^n_": {"type": "integer"}, "^s_": {"type": "string"}},
        "additionalProperties": False,
        "minProperties": 3,
    },
    "few of many properties": {"type": "object", "properties": {name: {} for name in "abcdef"}, "maxProperties": 2},
    "dependent required": {
        "type": "object",
        "properties": {"card": {"type": "string"}},
        "dependentRequired": {"card": ["address"]},
    },
    "dependent schemas": {
        "type": "object",
        "properties": {"a": {"type": "integer"}},
        "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 1}}}},
    },
    "unevaluated items": {
        "prefixItems": [{"type": "integer"}],
        "unevaluatedItems": False,
        "type": "array",
        "minItems": 1,
    },
    "pattern on a declared property": {
        "type": "object",
        "properties": {"n_a": {"type": "integer"}},
        "patternProperties": {"^n_": {"minimum": 7, "maximum": 9}},
    },
    "everything merged": {
        "type": "object",
        "required": ["a"],
        "allOf": [
            {"properties": {"a": {"enum": [1, 2, "x"]}}, "patternProperties": {"^z": {"type": "integer"}}},
            {"properties": {"a": {"type": ["number", "null"], "enum": [2, 3, "x"]}}, "dependentRequired": {"a": ["z"]}},
            {"patternProperties": {"^z": {"minimum": 3}}, "dependentRequired": {"a": ["y"]}},
            True,
        ],
    },
    "tuples merged": {
        "type": "array",
        "minItems": 2,
        "allOf": [{"prefixItems": [{"type": "integer"}]}, {"prefixItems": [{"minimum": 3}, {"type": "null"}]}],
    },
    "const and enum": {"const": 1, "enum": [1, 2]},
    "a whole float is an integer": {"type": "integer", "enum": [True, 1.5, 2.0]},
    "unevaluated": {
        "allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}],
        "unevaluatedProperties": False,
    },
    "tree": TREE,
    "linked list": LINKED,
    "mutual recursion": MUTUAL,
    "reference with more": {
        "$defs": {"point": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
        "$ref": "#/$defs/point",
        "required": ["y"],
    },
    "reference to itself": {"type": "object", "properties": {"up": {"$ref": "#"}}, "additionalProperties": False},
    "anchor": {"$defs": {"n": {"$anchor": "small", "type": "integer", "maximum": 3}}, "$ref": "#small"},
    "escaped pointer": {"$defs": {"a/b~c": {"type": "boolean"}}, "$ref": "#/$defs/a~1b~0c"},
    "tagged one of": PET,
    "one of overlapping": {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "multipleOf": 5}]},
    "any of with an impossible one": {"anyOf": [{"type": "string", "minLength": 2, "maxLength": 1}, {"type": "null"}]},
    "any of with more": {"type": "integer", "minimum": 10, "anyOf": [{"maximum": 12}, {"multipleOf": 100}]},
    "all of objects": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}, "required": ["a"]},
            {"properties": {"a": {"maximum": 5}, "b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    "not a type": {"not": {"type": ["string", "object", "array"]}},
    "not an object with": {"type": "object", "properties": {"a": {"type": "integer"}}, "not": {"required": ["a"]}},
    "if then else": POSTCODE,
    "forbidden property": {"type": "object", "properties": {"a": False, "b": {"type": "integer"}}, "required": ["b"]},
    "anything": {},
    "true": True,
}
