"""Anthropic's Messages and OpenAI's Responses told as chat completions, and the replies told back: one endpoint that
answers chat completions stands behind all three."""

import json


def _calls(made):
    return [
        {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}
        for identifier, name, arguments in made
    ]


def _function(tool, parameters):
    function = {"name": tool["name"], "description": tool.get("description", ""), "parameters": tool.get(parameters) or {}}
    return {"type": "function", "function": function}


def _chat(body, messages, tools, required):
    chat = {"model": body["model"], "messages": messages}
    if tools:
        chat.update(tools=tools, tool_choice="required" if required else "auto")
    else:
        chat["response_format"] = {"type": "json_object"}  # no harm to who wants text, and a judge's verdict otherwise
    return chat


def chat_of_messages(body):
    messages = [{"role": "system", "content": block["text"]} for block in body.get("system", ())]
    for message in body["messages"]:
        text = "".join(block["text"] for block in message["content"] if block["type"] == "text")
        made = [(block["id"], block["name"], json.dumps(block["input"])) for block in message["content"] if block["type"] == "tool_use"]
        for block in message["content"]:
            if block["type"] == "tool_result":
                messages.append({"role": "tool", "tool_call_id": block["tool_use_id"], "content": block["content"]})
        if made:
            messages.append({"role": "assistant", "content": text or None, "tool_calls": _calls(made)})
        elif text:
            messages.append({"role": message["role"], "content": text})
    tools = [_function(tool, "input_schema") for tool in body.get("tools", ())]
    return _chat(body, messages, tools, body.get("tool_choice", {}).get("type") == "any")


def messages_of_chat(reply):
    message = reply["choices"][0]["message"]
    content = [{"type": "text", "text": message["content"]}] if message.get("content") else []
    calls = message.get("tool_calls") or []
    for call in calls:
        function = call["function"]
        content.append({"type": "tool_use", "id": call["id"], "name": function["name"], "input": json.loads(function["arguments"])})
    usage = reply["usage"]
    return {
        "id": reply["id"], "type": "message", "role": "assistant", "model": reply["model"], "content": content,
        "stop_reason": "tool_use" if calls else "end_turn",
        "usage": {"input_tokens": usage["prompt_tokens"], "output_tokens": usage["completion_tokens"]},
    }  # fmt: skip


def chat_of_input(body):
    messages = []
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind == "function_call":
            call = _calls([(item["call_id"], item["name"], item["arguments"])])
            if messages and messages[-1].get("tool_calls"):
                messages[-1]["tool_calls"] += call
            else:
                messages.append({"role": "assistant", "content": None, "tool_calls": call})
        elif kind == "function_call_output":
            messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]})
        elif kind == "message":
            content = item["content"]
            text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
            messages.append({"role": item["role"], "content": text})
    tools = [_function(tool, "parameters") for tool in body.get("tools", ())]
    return _chat(body, messages, tools, body.get("tool_choice") == "required")


def response_of_chat(reply):
    message = reply["choices"][0]["message"]
    output = []
    if message.get("content"):
        content = [{"type": "output_text", "text": message["content"], "annotations": []}]
        output.append({"type": "message", "id": "msg", "role": "assistant", "status": "completed", "content": content})
    for call in message.get("tool_calls") or []:
        function = call["function"]
        output.append({"type": "function_call", "id": "fc", "call_id": call["id"], "status": "completed",
                       "name": function["name"], "arguments": function["arguments"]})  # fmt: skip
    usage = {"input_tokens": reply["usage"]["prompt_tokens"], "output_tokens": reply["usage"]["completion_tokens"]}
    return {"id": reply["id"], "status": "completed", "error": None, "model": reply["model"], "output": output, "usage": usage}


def answer(body, ask):
    """Status and reply to a request of any of the three; `ask(chat)` gives those of chat completions."""
    if "input" in body:
        status, reply = ask(chat_of_input(body))
        return status, response_of_chat(reply) if status == 200 else reply
    if isinstance(body["messages"][0]["content"], list) and "max_tokens" in body:
        status, reply = ask(chat_of_messages(body))
        return status, messages_of_chat(reply) if status == 200 else reply
    return ask(body)
