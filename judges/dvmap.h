#pragma once

#include <memory>

#include "judges/judge.h"

namespace axiometer {

// Scores the replies to DVMap's tasks; asks no model. Scores:
//   official.kept        1, or 0: the protocol's filter leaves the row out
//   official.written     1, or 0: the row does not enter the denominator (not kept, or the reply's
//                        content was null, as for a failed call, of which there is no judgement)
//   official.predicted   what the last answer tags hold, as received; null: no closed tag
//   official.correct     1 or 0; null: not written
//   official.left_out    of a row that is kept and not written: "null_content"
//   strict.predicted     the option that was given, in the options' own words; null: unreadable
//   strict.correct       1 or 0; null: unreadable, or the right answer is none of the options
//   strict.problem       of an unreadable one: "no_tags", "not_closed", "empty", "not_an_option"
// and, with `rewards`, of the four functions of the training programs official.reward.wvs, …wvs_d,
// …wvs_g, …wvs_p (called as the trainer calls them, with the options as one text; null where the
// program would stop, or needs a frequency that is absent) and reward.wvs, … (with the list of
// options).
// The status is kUnreadable, with the problem, if the strict reading found no option.
std::unique_ptr<Judge> MakeDvmapJudge(bool rewards);

}  // namespace axiometer
