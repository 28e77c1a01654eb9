"""A store room. The docstring of a method is what the agent is told; annotations become its JSON schema."""

from typing import Literal

from axiometer_environment import AxiometerEnvironment, ToolError


class Environment(AxiometerEnvironment):
    def list_items(self) -> list:
        """Lists all items with their place and count."""
        return [{"item": name, **item} for name, item in sorted(self.state["items"].items())]

    def move(self, item: str, to: Literal["shelf", "cellar"], reason: str = "") -> dict:
        """Moves an item to another place.

        item: which, by its name
        to: where it goes
        reason: written into the book; may be empty
        """
        if item not in self.state["items"]:
            raise ToolError(f"there is no {item!r}")
        self.state["items"][item]["place"] = to
        self.state["messages"].append({"to": "book", "text": f"{item} to {to}. {reason}", "at": self.now})
        return {"item": item, **self.state["items"][item]}

    def write_message(self, to: str, text: str) -> dict:
        """Sends a message to a person.

        to: the person's name
        text: what is said
        """
        if not text.strip():
            raise ToolError("an empty message is not sent")
        self.state["messages"].append({"to": to, "text": text, "at": self.now})
        return {"sent": len(self.state["messages"])}
