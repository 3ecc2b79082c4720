// SPDX-License-Identifier: BSD-2-Clause
// Living through fork(): the child has no worker of the parent, and a lock that another thread held
// at that moment stays held there for ever. So process-wide state is made anew in the child.
#pragma once

#include <atomic>
#include <cstdint>

namespace spdl {

// How many forks lie between the process that loaded the library and this one.
uint64_t process_generation() noexcept;

// One T for each process, made on first use and never destroyed: workers may still use it while the
// process exits. In a forked child the parent's T is left alone and a new one is made.
template <class T>
class PerProcess {
 public:
  T &get() {
    Slot *slot = slot_.load(std::memory_order_acquire);
    if (slot && slot->generation == process_generation()) return slot->value;
    return make(slot);
  }

  // The T of this process, if it has been made.
  T *find() noexcept {
    Slot *slot = slot_.load(std::memory_order_acquire);
    return slot && slot->generation == process_generation() ? &slot->value : nullptr;
  }

 private:
  struct Slot {
    uint64_t generation = process_generation();
    T value;
  };

  T &make(Slot *seen) {
    auto *made = new Slot();
    if (slot_.compare_exchange_strong(seen, made, std::memory_order_acq_rel)) return made->value;
    delete made;
    return get();
  }

  std::atomic<Slot *> slot_{nullptr};
};

// Held around calls that take a lock of FFmpeg's own which all threads share; fork() waits (two
// seconds at most) until no thread is inside, so that the child never inherits such a lock taken.
class ForkUnsafe {
 public:
  ForkUnsafe() { enter(); }
  ~ForkUnsafe() { leave(); }
  ForkUnsafe(const ForkUnsafe &) = delete;
  ForkUnsafe &operator=(const ForkUnsafe &) = delete;

  // Held, inside of such a call, around what takes no lock but may take long.
  class Pause {
   public:
    explicit Pause(ForkUnsafe *guard) : guard_(guard) {
      if (guard_) guard_->leave();
    }
    ~Pause() {
      if (guard_) guard_->enter();
    }
    Pause(const Pause &) = delete;
    Pause &operator=(const Pause &) = delete;

   private:
    ForkUnsafe *guard_;
  };

 private:
  void enter();
  void leave();

  uint64_t generation_;
};

}  // namespace spdl
