#pragma once

#include "tasks/task.h"

// A task as people read it on standard output. Lines are wrapped where that is a terminal, and nowhere else.
namespace axiometer {

// What a subject is shown, message by message.
void PrintOpening(const Task& task);

// All of it: what it is, the opening, the checkpoints.
void PrintTask(const Task& task);

}  // namespace axiometer
