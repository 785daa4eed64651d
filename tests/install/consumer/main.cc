#include <iostream>

#include "sleeper/base/status.h"

int main() {
  const sleeper::Status status = sleeper::Error(sleeper::ErrorKind::kInvalid, "two is not ", "three");
  std::cout << sleeper::ErrorKindName(sleeper::KindOf(status)) << ": " << status.message() << "\n";
}
