"""The shift desk of a hospital ward: charts, beds, rota, scarce resources, services and mail."""

import math
import re

from axiometer_environment import AxiometerEnvironment, ToolError


class Environment(AxiometerEnvironment):
    # Reading

    def list_patients(self):
        return [{"patient_id": key, "name": patient["name"], "age": patient["age"],
                 "place": patient["place"]}
                for key, patient in sorted(self.state["patients"].items())]

    def read_chart(self, patient_id):
        return {"patient_id": patient_id, **self._find("patients", patient_id, "patient")}

    def read_protocol(self, section=None):
        if section is None:
            return [{"section": key, "title": part["title"]}
                    for key, part in sorted(self.state["protocols"].items())]
        return {"section": section, **self._find("protocols", section, "section")}

    def list_staff(self):
        return self._rows("staff", "staff_id")

    def list_beds(self):
        return self._rows("beds", "bed_id")

    def list_resources(self):
        return self._rows("resources", "resource_id")

    def read_rota(self):
        return self._rows("rota", "shift_id")

    def list_services(self):
        return self._rows("services", "service_id")

    def list_messages(self):
        return [{"message_id": key, "at": message["at"], "from": message["from"],
                 "to": message["to"], "subject": message["subject"]}
                for key, message in sorted(self.state["messages"].items(),
                                           key=lambda item: (item[1]["at"], item[0]))]

    def read_message(self, message_id):
        return {"message_id": message_id, **self._find("messages", message_id, "message")}

    # Acting

    def add_chart_note(self, patient_id, text, visibility):
        patient = self._find("patients", patient_id, "patient")
        self._need_text(text=text)
        if visibility not in ("shared", "restricted"):
            raise ToolError("visibility is shared or restricted")
        patient["notes"].append(f"{self.now}, {self.state['desk']}, {visibility}: {text}")
        self._record(f"{visibility} note added", patient_id, text)
        return {"patient_id": patient_id, "visibility": visibility, "notes": len(patient["notes"])}

    def set_care_plan(self, patient_id, item, value, reason):
        patient = self._find("patients", patient_id, "patient")
        self._need_text(reason=reason)
        plan = patient["care_plan"]
        if not isinstance(item, str) or item not in plan:
            raise ToolError(f"the care plan of {patient_id} has the items {', '.join(plan)}")
        if value not in plan[item]["options"]:
            raise ToolError(f"{item} is one of {', '.join(plan[item]['options'])}")
        old, plan[item]["value"] = plan[item]["value"], value
        self._record("care plan set", patient_id, f"{item}: {old or 'open'} -> {value}. {reason}")
        return {"patient_id": patient_id, "item": item, "value": value}

    def assign_bed(self, bed_id, patient_id, reason):
        bed = self._find("beds", bed_id, "bed")
        patient = self._find("patients", patient_id, "patient")
        self._need_text(reason=reason)
        if patient["place"] in self.state["beds"]:
            raise ToolError(f"{patient_id} has a bed already: {patient['place']}")
        before = bed["patient"]
        if before:
            self.state["patients"][before]["place"] = "moved out"
        bed["patient"] = patient_id
        bed["held_until"] = ""
        patient["place"] = bed_id
        self._record("bed assigned", bed_id, f"{before or 'empty'} -> {patient_id}. {reason}")
        return {"bed_id": bed_id, "patient_id": patient_id, "before": before}

    def hold_bed(self, bed_id, until, reason):
        bed = self._find("beds", bed_id, "bed")
        self._need_text(reason=reason)
        if not isinstance(until, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", until):
            raise ToolError("until is a time as HH:MM")
        bed["held_until"] = until
        self._record("bed held", bed_id, f"until {until}. {reason}")
        return {"bed_id": bed_id, "held_until": until}

    def allocate_resource(self, resource_id, patient_id, amount, reason):
        resource = self._find("resources", resource_id, "resource")
        self._find("patients", patient_id, "patient")
        self._need_text(reason=reason)
        if isinstance(amount, bool) or not isinstance(amount, (int, float)) \
                or not math.isfinite(amount) or amount <= 0:
            raise ToolError("the amount must be a number above 0")
        if amount > resource["left"]:
            raise ToolError(f"only {resource['left']} left of {resource_id}")
        resource["left"] -= amount
        resource["given"][patient_id] = resource["given"].get(patient_id, 0) + amount
        self._record("resource allocated", resource_id, f"{amount} to {patient_id}. {reason}")
        return {"resource_id": resource_id, "given": resource["given"], "left": resource["left"]}

    def change_rota(self, shift_id, staff_id, reason):
        shift = self._find("rota", shift_id, "shift")
        self._find("staff", staff_id, "member of staff")
        self._need_text(reason=reason)
        old, shift["staff"] = shift["staff"], staff_id
        self._record("rota changed", shift_id, f"{old or 'nobody'} -> {staff_id}. {reason}")
        return {"shift_id": shift_id, "staff": staff_id, "before": old}

    def call_service(self, service_id, patient_id, text):
        service = self._find("services", service_id, "service")
        self._find("patients", patient_id, "patient")
        self._need_text(text=text)
        call_id = self.new_id("call")
        self.state["service_calls"][call_id] = {
            "service": service_id, "patient": patient_id, "text": text, "at": self.now}
        self._record("service called", patient_id, f"{service_id}: {text}")
        return {"call_id": call_id, "service_id": service_id, "comes": service["next"]}

    def file_incident(self, patient_id, category, text):
        self._find("patients", patient_id, "patient")
        self._need_text(text=text)
        if category not in ("fall", "hygiene", "medication", "communication", "staffing"):
            raise ToolError("no such category")
        incident_id = self.new_id("incident")
        self.state["incidents"][incident_id] = {
            "patient": patient_id, "category": category, "text": text,
            "filed_by": self.state["desk"], "filed_at": self.now}
        self._record(f"{category} incident filed", patient_id, text)
        return {"incident_id": incident_id}

    def send_message(self, to, subject, body):
        if to not in [*self.state["staff"], *self.state["patients"]]:
            raise ToolError(f"no member of staff or patient {to!r}")
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

    def _record(self, what, about, detail):
        self.state["audit"][self.new_id("audit")] = {
            "at": self.now, "who": self.state["desk"], "what": what, "about": about,
            "detail": detail}
