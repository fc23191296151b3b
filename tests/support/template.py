"""Reads template.yaml, so that no test states its facts again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"

Resources = dict[str, dict[str, Any]]


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, as the long forms they stand for."""


def _intrinsic(loader: Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    """Return the whole template."""
    loaded: dict[str, Any] = yaml.load(TEMPLATE.read_text("utf-8"), Loader)  # noqa: S506 - it is a safe loader
    return loaded


def resources(kind: str) -> Resources:
    """Return all resources of that type, by logical id."""
    return {name: item for name, item in template()["Resources"].items() if item["Type"] == kind}


def properties(name: str) -> dict[str, Any]:
    """Return the properties of a resource, a function's with those of Globals."""
    resource = template()["Resources"][name]
    values: dict[str, Any] = resource["Properties"]
    if resource["Type"] != "AWS::Serverless::Function":
        return values
    everyones = template()["Globals"]["Function"]
    variables = {**everyones["Environment"]["Variables"], **values["Environment"]["Variables"]}
    return {**everyones, **values, "Environment": {"Variables": variables}}


def parameter(name: str) -> Any:  # noqa: ANN401 - a text or a number
    """Return the default of a parameter."""
    return template()["Parameters"][name]["Default"]


def timing(name: str, row: str = "production") -> int:
    """Return a time of the mapping Timing, in seconds."""
    return int(template()["Mappings"]["Timing"][row][name])


def least(name: str) -> int:
    """Return the least number that a parameter may be."""
    return int(template()["Parameters"][name]["MinValue"])


def greatest(name: str) -> int:
    """Return the greatest number that a parameter may be."""
    return int(template()["Parameters"][name]["MaxValue"])


def value(written: Any) -> Any:  # noqa: ANN401 - whatever the template holds
    """Return what is written, or the value of what it refers to: a parameter's default, or a time of production."""
    match written:
        case {"Ref": name}:
            return parameter(name)
        case {"Fn::FindInMap": ["Timing", _, name]}:
            return timing(name)
    return written


def functions() -> list[str]:
    """Return the logical ids of all functions."""
    return list(resources("AWS::Serverless::Function"))


def queues() -> list[str]:
    """Return the logical ids of all queues."""
    return list(resources("AWS::SQS::Queue"))


def event_sources(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return each event of that type, its properties with the logical id of its function."""
    for function in functions():
        for event in properties(function).get("Events", {}).values():
            if event["Type"] == kind:
                yield function, event["Properties"]


def named(reference: Any) -> str:  # noqa: ANN401 - a Ref or a GetAtt
    """Return the logical id of what a Ref or GetAtt refers to."""
    name: str = reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0]
    return name
