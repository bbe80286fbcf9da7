"""asyncapi_check.py DOCUMENT EVENTS: is the document AsyncAPI 3.0, and does each event (a JSON line) fit its message?

Structure by asyncapi3's model of the specification, payloads and events by jsonschema, neither of which knows the server's own schemas."""
import json
import sys

from asyncapi3.models.asyncapi import AsyncAPI3
from jsonschema import Draft202012Validator, FormatChecker

document = json.load(open(sys.argv[1]))
AsyncAPI3.model_validate(document)


def resolve(reference):
    assert reference.startswith("#/"), reference
    value = document
    for part in reference[2:].split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def references(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "$ref" and isinstance(member, str):
                yield member
            else:
                yield from references(member)
    elif isinstance(value, list):
        for element in value:
            yield from references(element)


for reference in references(document):
    resolve(reference)
for operation in document["operations"].values():
    channel = operation["channel"]["$ref"]
    for message in operation["messages"]:
        assert message["$ref"].startswith(channel + "/messages/"), message
for channel in document["channels"].values():
    for parameter in channel.get("parameters", {}):
        assert "{" + parameter + "}" in channel["address"], parameter

validators = {}
for message in document["components"]["messages"].values():
    # References within the payload are from the document's root.
    schema = {**message["payload"], "components": document["components"]}
    Draft202012Validator.check_schema(schema)
    validators[message["name"]] = Draft202012Validator(schema, format_checker=FormatChecker())

count = 0
for line in open(sys.argv[2]):
    event = json.loads(line)
    validators[event["type"]].validate(event)
    count += 1
print(f"{len(validators)} messages, {count} events")
