"""The office of a school: pupils, incidents, plans, money, support, letters home and mail."""

import re

from axiometer_environment import AxiometerEnvironment, ToolError


class Environment(AxiometerEnvironment):
    # Reading

    def list_people(self):
        return self._rows("staff", "person_id")

    def list_pupils(self):
        return [{"pupil_id": key, "name": pupil["name"], "class": pupil["class"]}
                for key, pupil in sorted(self.state["pupils"].items())]

    def read_pupil(self, pupil_id):
        return {"pupil_id": pupil_id, **self._find("pupils", pupil_id, "pupil")}

    def list_incidents(self):
        return [{"incident_id": key, "title": incident["title"], "pupil": incident["pupil"],
                 "state": incident["state"]}
                for key, incident in sorted(self.state["incidents"].items())]

    def read_incident(self, incident_id):
        return {"incident_id": incident_id, **self._find("incidents", incident_id, "incident")}

    def read_rules(self, section=None):
        if section is None:
            return [{"section": key, "title": part["title"]}
                    for key, part in sorted(self.state["rules"].items())]
        return {"section": section, **self._find("rules", section, "section")}

    def list_plans(self, status=None):
        return [{"plan_id": key, "title": plan["title"], "from": plan["from"],
                 "status": plan["status"]}
                for key, plan in sorted(self.state["plans"].items())
                if status in (None, plan["status"])]

    def read_plan(self, plan_id):
        return {"plan_id": plan_id, **self._find("plans", plan_id, "plan")}

    def list_money(self):
        return self._rows("pots", "pot_id")

    def list_services(self):
        return self._rows("services", "service_id")

    def read_calendar(self):
        return sorted(self._rows("calendar", "event_id"), key=lambda event: event["day"])

    def list_messages(self):
        return [{"message_id": key, "at": message["at"], "from": message["from"],
                 "to": message["to"], "subject": message["subject"]}
                for key, message in sorted(self.state["messages"].items(),
                                           key=lambda item: (item[1]["at"], item[0]))]

    def read_message(self, message_id):
        return {"message_id": message_id, **self._find("messages", message_id, "message")}

    # Acting

    def decide_incident(self, incident_id, measure, reason):
        incident = self._find("incidents", incident_id, "incident")
        self._need_text(reason=reason)
        if measure not in ("none", "talk", "support-plan", "reprimand", "suspension"):
            raise ToolError("measure is one of none, talk, support-plan, reprimand, suspension")
        if incident["state"] == "closed":
            raise ToolError(f"{incident_id} is closed already")
        incident.update(state="closed", measure=measure, reason=reason, closed_at=self.now)
        self.state["pupils"][incident["pupil"]]["notes"].append(
            f"{incident['title']}: {measure}. {reason}")
        self._record(f"incident closed: {measure}. {reason}", incident_id)
        return {"incident_id": incident_id, "measure": measure, "pupil": incident["pupil"]}

    def decide_plan(self, plan_id, decision, reason):
        plan = self._find("plans", plan_id, "plan")
        self._need_text(reason=reason)
        if decision not in ("approved", "declined"):
            raise ToolError("decision is approved or declined")
        plan.update(status=decision, reason=reason, decided_at=self.now)
        self._record(f"{decision}: {plan['title']}. {reason}", plan_id)
        return {"plan_id": plan_id, "status": decision}

    def spend_money(self, pot_id, plan_id, amount, purpose):
        pot = self._find("pots", pot_id, "pot")
        plan = self._find("plans", plan_id, "plan")
        self._need_text(purpose=purpose)
        if plan["status"] != "approved":
            raise ToolError(f"{plan_id} is not approved")
        try:
            amount = round(float(amount), 2)
        except (TypeError, ValueError):
            raise ToolError(f"not an amount: {amount!r}") from None
        if not 0 < amount < 1e6:
            raise ToolError("the amount must be above 0")
        if amount > pot["left"]:
            raise ToolError(f"{pot_id} has only {pot['left']:.2f} euros left")
        pot["left"] = round(pot["left"] - amount, 2)
        self._record(f"{amount:.2f} euros from {pot_id}: {purpose}", plan_id)
        return {"pot_id": pot_id, "left": pot["left"]}

    def book_support(self, service_id, pupil_id, text):
        service = self._find("services", service_id, "service")
        self._find("pupils", pupil_id, "pupil")
        self._need_text(text=text)
        booking_id = self.new_id("support")
        self.state["bookings"][booking_id] = {
            "service": service_id, "pupil": pupil_id, "text": text, "at": self.now}
        self._record(f"{service['name']} booked: {text}", pupil_id)
        return {"booking_id": booking_id, "by": service["by"]}

    def write_home(self, pupil_id, kind, text):
        self._find("pupils", pupil_id, "pupil")
        self._need_text(text=text)
        if kind not in ("formal-notice", "personal-letter"):
            raise ToolError("kind is formal-notice or personal-letter")
        letter_id = self.new_id("letter")
        self.state["letters"][letter_id] = {
            "pupil": pupil_id, "kind": kind, "text": text, "at": self.now}
        self._record(f"{kind} sent home", pupil_id)
        return {"letter_id": letter_id}

    def add_calendar_event(self, day, title, text):
        self._need_text(title=title, text=text)
        if not isinstance(day, str) or not re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day):
            raise ToolError("day is a date as YYYY-MM-DD")
        event_id = self.new_id("event")
        self.state["calendar"][event_id] = {"day": day, "title": title, "text": text}
        self._record(f"calendar: {title}", event_id)
        return {"event_id": event_id}

    def send_message(self, to, subject, body):
        if to not in [*self.state["staff"], *self.state["pupils"]]:
            raise ToolError(f"no member of staff or pupil {to!r}")
        self._need_text(subject=subject, body=body)
        message_id = self.new_id("sent")
        self.state["messages"][message_id] = {
            "from": self.state["desk"], "to": to, "at": self.now, "subject": subject, "body": body}
        return {"message_id": message_id, "to": to}

    # Within

    def _rows(self, collection, key_name):
        return [{key_name: key, **row} for key, row in sorted(self.state[collection].items())]

    def _find(self, collection, key, noun):
        found = self.state[collection].get(key) if isinstance(key, str) else None
        if found is None:
            raise ToolError(f"no {noun} {key!r}")
        return found

    def _need_text(self, **texts):
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise ToolError(f"{name} must not be empty")

    def _record(self, what, about):
        self.state["log"][self.new_id("log")] = {
            "at": self.now, "who": self.state["desk"], "what": what, "about": about}
