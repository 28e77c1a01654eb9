#pragma once

#include <string>

namespace axiometer {

// A line for people, on standard error; what a model wrote in it moves no cursor.
void Say(const std::string& text);

}  // namespace axiometer
