#pragma once

#include <memory>
#include <string>

#include "harness/store/database.h"
#include "harness/store/lock.h"

namespace axiometer {

// A store that this process alone may write to.
struct WritableStore {
  StoreLock lock;  // before the connection: released after it is closed
  std::unique_ptr<Database> database;
};

// Takes the lock, opens the file or makes it, brings its schema up to date. Another program's file
// and a newer axiometer's are refused and stay as they are.
Result<WritableStore> OpenWritableStore(const std::string& path);

}  // namespace axiometer
