#pragma once

#include <span>

#include "harness/base/result.h"
#include "harness/store/database.h"

namespace axiometer {

// "Axio" in the file header: tells our files from other programs' (PRAGMA application_id).
inline constexpr int kApplicationId = 0x4178696f;

// SQL scripts; the one at [n] leads from version n to n + 1. Only ever appended to: a script that
// has been released is history. SCHEMA.md describes what they add up to.
std::span<const char* const> Migrations();

inline int SchemaVersion() { return static_cast<int>(Migrations().size()); }

// The version of the store's schema (PRAGMA user_version); 0: an empty file. Refuses a newer
// version than `newest` and a database that is not ours.
Result<int> StoreVersion(Database& database, int newest = SchemaVersion());

// Brings the store to the version that the scripts lead to, all or nothing.
Result<void> Migrate(Database& database, std::span<const char* const> migrations = Migrations());

}  // namespace axiometer
