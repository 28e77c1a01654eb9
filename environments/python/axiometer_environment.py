"""The base class of the environments in environments/catalog.

A folder environments/catalog/NAME/ holds environment.yaml (name, description, tools, state) and
environment.py with `class Environment(AxiometerEnvironment)`. Every tool of the YAML file is a
method of that name; it takes the tool's parameters as keyword arguments, changes self.state and
returns what JSON can hold.
"""

import copy
import json

_DEFAULT_NOW = "2025-03-03T09:00:00"


class ToolError(Exception):
    """A tool's refusal, told to the agent as {"error": text}."""


class AxiometerEnvironment:
    def __init__(self, state):
        self.state = copy.deepcopy(state)
        now = self.state.get("now")
        # The same in every run: the state says what time it is.
        self.now = now if isinstance(now, str) else _DEFAULT_NOW
        self._ids_given = {}

    def new_id(self, prefix):
        """prefix-1, prefix-2, …: the first that no key and no text of the state uses."""
        count = self._ids_given.get(prefix, 0) + 1
        taken = json.dumps(self.state)
        while f'"{prefix}-{count}"' in taken:
            count += 1
        self._ids_given[prefix] = count
        return f"{prefix}-{count}"

    def call_tool(self, name, arguments):
        """The tool's result, or {"error": text}. Never an exception."""
        method = None if name.startswith("_") else getattr(type(self), name, None)
        if not callable(method) or hasattr(AxiometerEnvironment, name):
            return {"error": f"unknown tool {name!r}"}
        if not isinstance(arguments, dict):
            return {"error": "the arguments must be a JSON object"}
        try:
            return method(self, **arguments)
        except ToolError as error:
            return {"error": str(error)}
        except TypeError as error:
            if error.__traceback__.tb_next is not None:  # from within the method
                return {"error": f"TypeError: {error}"}
            # The arguments do not fit. Python names the method as Environment.tool(); the agent knows it as tool.
            return {"error": str(error).replace(f"{type(self).__name__}.", "")}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {error}"}
