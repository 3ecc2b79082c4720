// SPDX-License-Identifier: BSD-2-Clause
// Threads of the library take no signals: those belong to the process.
#pragma once

#include <pthread.h>
#include <signal.h>

namespace spdl {

// While it lives, new threads of this one are born with all signals blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked &) = delete;
  SignalsBlocked &operator=(const SignalsBlocked &) = delete;

 private:
  sigset_t before_;
};

}  // namespace spdl
