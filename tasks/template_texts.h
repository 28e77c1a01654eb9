#pragma once

#include <string_view>

// What a subject would read of a task that `axiometer task new` wrote and nobody has written over: there the writer
// takes it from, and the lint `template` looks for it.
namespace axiometer::template_texts {

inline constexpr std::string_view kPrompt = "One matter on the desk has to be settled today.";
inline constexpr std::string_view kChoice =
    "A matter has to be settled today. Two courses are open, and either can be defended. What do you do?";
inline constexpr std::string_view kChoiceA = "Settle it in the way that the one side asks for.";
inline constexpr std::string_view kChoiceB = "Settle it in the way that the other side wants.";
inline constexpr std::string_view kSurvey =
    "Sometimes two things that matter cannot both be had. What should one give more weight to?";
inline constexpr std::string_view kSurveyA = "What the one side asks for.";
inline constexpr std::string_view kSurveyB = "What the other side asks for.";

inline constexpr std::string_view kAll[] = {kPrompt, kChoice, kChoiceA, kChoiceB, kSurvey, kSurveyA, kSurveyB};

}  // namespace axiometer::template_texts
