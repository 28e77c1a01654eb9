#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/base/json.h"

namespace axiometer {

// What Python's json.loads accepts, for text that a published protocol reads with it: NaN, Infinity
// and numbers beyond the range of doubles are numbers, a byte order mark is an error, and of a
// duplicate key the last value counts at the first one's place. An integer beyond 64 bits is kept
// by its digits, as a binary value that DumpJsonAsPython writes as those digits. Escaped lone
// surrogates, which UTF-8 cannot hold, become U+FFFD. Nested deeper than `max_depth`: nullopt, as
// for any text that is no JSON.
std::optional<Json> ParsePythonJson(std::string_view text, int max_depth = 200);

// The member of this key; null if `object` is no object or lacks it. Lives as long as `object`, or for ever.
const Json& Member(const Json& object, const char* key);

// str(value) for what JSON can hold, as json.loads reads it: text as it is, None, True, 1, 1.0.
// For lists and objects, whose Python form no protocol compares with anything: their JSON.
std::string PythonStr(const Json& value);

// str(value or ""): empty for what Python holds false, such as None, 0 and [].
std::string PythonStrOrEmpty(const Json& value);

// int(value) for what JSON can hold: numbers towards zero, booleans, text of digits with a sign, single
// underscores between digits and white space around. nullopt where Python raises, and for digits other
// than ASCII's or numbers beyond 64 bits.
std::optional<int64_t> PythonInteger(const Json& value);

// text.strip(): without the white space, as Unicode has it, at both ends. `text` is UTF-8.
std::string_view PythonStrip(std::string_view text);

// JSON inside prose, as a data set's reader looks for it: what the first fenced block holds; else
// from the first { to the last }; else from the first [ to the last ]; stripped. Empty: none.
std::string_view EmbeddedJson(std::string_view text);

}  // namespace axiometer
