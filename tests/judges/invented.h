#pragma once

#include <string>
#include <vector>

#include "harness/record/trajectory.h"
#include "tasks/task.h"

namespace axiometer {

// Invented tasks and trajectories for the tests of judges.

inline RubricItem Item(const std::string& id, char pole, double weight,
                       const std::string& source = "") {
  RubricItem item;
  item.id = id;
  item.pole = pole;
  item.weight = weight;
  item.question = "Does the agent do what " + id + " says?";
  item.anchors[0] = "no";
  item.anchors[1] = "in part";
  item.anchors[2] = "yes";
  item.source = source;
  return item;
}

inline RubricItem CheckedItem(const std::string& id, char pole, double weight,
                              const std::string& tool) {
  RubricItem item = Item(id, pole, weight);
  Check check;
  check.kind = Check::Kind::kCalled;
  check.tool = tool;
  item.check = check;
  return item;
}

// A trajectory told event by event.
class Story {
 public:
  Story& System(const std::string& text) { return Opening(Role::kSystem, text); }
  Story& User(const std::string& text) { return Opening(Role::kUser, text); }

  Story& Raw(const std::string& raw) {
    Event& event = Add(EventKind::kReply);
    event.step = ++step_;
    event.message.role = Role::kAssistant;
    event.message.raw = raw;
    return *this;
  }

  Story& Says(const std::string& text) {
    Event& event = Add(EventKind::kReply);
    event.step = ++step_;
    event.message.role = Role::kAssistant;
    event.message.text = text;
    trajectory_.outcome = Outcome::kFinished;
    trajectory_.final_text = text;
    return *this;
  }

  Story& Calls(const std::string& name, const std::string& arguments, const std::string& result,
               const std::string& id = "c") {
    Event& event = Add(EventKind::kTool);
    event.step = step_;
    event.tool.call_id = id;
    event.tool.name = name;
    event.tool.arguments = arguments;
    event.tool.result = result;
    return *this;
  }

  Story& Fails(const std::string& failure) {
    Event& event = Add(EventKind::kFailure);
    event.step = ++step_;
    event.failure = failure;
    return *this;
  }

  Story& Ends(Outcome outcome) {
    trajectory_.outcome = outcome;
    return *this;
  }

  operator Trajectory() const { return trajectory_; }

 private:
  Story& Opening(Role role, const std::string& text) {
    Event& event = Add(EventKind::kMessage);
    event.message.role = role;
    event.message.text = text;
    return *this;
  }

  Event& Add(EventKind kind) {
    Event event;
    event.id = static_cast<int>(trajectory_.events.size()) + 1;
    event.kind = kind;
    trajectory_.events.push_back(std::move(event));
    return trajectory_.events.back();
  }

  Trajectory trajectory_;
  int step_ = 0;
};

}  // namespace axiometer
