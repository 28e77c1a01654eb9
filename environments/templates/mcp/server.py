"""An MCP server over stdio by the standard library alone: a message a line, logs on standard error.

It stands in its working directory. What it leaves there is the environment's state.
"""

import json
import os
import sys

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")


def text(description):
    return {"type": "string", "description": description}


TOOLS = [
    {
        "name": "list_notes",
        "description": "Lists the names of all notes.",
        "inputSchema": {"type": "object", "properties": {}},
    },
    {
        "name": "read_note",
        "description": "Reads a note.",
        "inputSchema": {"type": "object", "properties": {"name": text("its name")}, "required": ["name"]},
    },
    {
        "name": "write_note",
        "description": "Writes a note, in place of one of the same name.",
        "inputSchema": {
            "type": "object",
            "properties": {"name": text("its name"), "content": text("all of it")},
            "required": ["name", "content"],
        },
    },
]


def call(name, arguments):
    """The text of a tool's answer. An exception is told to the agent as the tool's failure."""
    if name == "list_notes":
        return "\n".join(sorted(os.listdir(".")))
    if os.path.basename(arguments["name"]) != arguments["name"]:
        raise ValueError("a note's name holds no /")
    if name == "read_note":
        with open(arguments["name"], encoding="utf-8") as file:
            return file.read()
    with open(arguments["name"], "w", encoding="utf-8") as file:
        file.write(arguments["content"])
    return f"wrote {arguments['name']}"


def answer(method, params):
    if method == "initialize":
        asked = params["protocolVersion"]
        return {
            "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "notes", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call" and any(tool["name"] == params["name"] for tool in TOOLS):
        try:
            return {"content": [{"type": "text", "text": call(params["name"], params.get("arguments", {}))}]}
        except Exception as error:
            return {"content": [{"type": "text", "text": f"{type(error).__name__}: {error}"}], "isError": True}
    return None


for line in sys.stdin:
    message = json.loads(line)
    if "method" not in message or "id" not in message:
        continue  # a notification, or an answer to what we never asked
    result = answer(message["method"], message.get("params", {}))
    reply = {"jsonrpc": "2.0", "id": message["id"]}
    if result is None:
        reply["error"] = {"code": -32601, "message": f"unknown: {message['method']}"}
    else:
        reply["result"] = result
    print(json.dumps(reply), flush=True)
