// SPDX-License-Identifier: BSD-2-Clause
#include "base/recorder.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include "base/signals.h"
#include "base/text.h"

namespace spdl::trace {
namespace {

using namespace std::chrono_literals;

// What the writer sleeps when there is nothing to write.
constexpr auto pause = 5ms;
constexpr size_t max_name = 128;

// One event. Its name and the detail follow each other in the text.
struct Slot {
  std::atomic<uint64_t> published{0};  // its position, once it is filled
  int64_t begin_ns;
  int64_t end_ns;
  uint64_t track;
  double value;
  int32_t thread;
  Event::Kind kind;
  Category category;
  uint8_t name_size;
  uint8_t detail_size;
  char text[208];
};
static_assert(sizeof(Slot) == 256 && sizeof(Slot::text) < 256);

// A ring with many producers and one consumer. Producers take positions, which only ever grow:
// those from `tail` to `head` are being filled or are filled. A position belongs to one trace: it
// lives until the writer has consumed all positions that were taken before the ring was closed. So
// who has taken one may use the ring's memory, and nobody else touches it.
struct Ring {
  static constexpr uint64_t closed = uint64_t{1} << 63;

  alignas(64) std::atomic<uint64_t> head{closed | 1};
  alignas(64) std::atomic<uint64_t> tail{1};
  std::atomic<uint64_t> num_dropped{0};
  std::atomic<uint64_t> capacity{0};
  // Written while the ring is closed and empty; read by who has taken a position.
  std::unique_ptr<Slot[]> slots;
  int64_t start_ns = 0;

  std::mutex mutex;
  bool is_taken = false;         // by a trace, until it has ended
  std::weak_ptr<Trace> running;  // for the end of the process

  void open(std::unique_ptr<Slot[]> empty, size_t num_slots);
  uint64_t close() { return head.fetch_or(closed) & ~closed; }
  uint64_t take();
  Slot &at(uint64_t position) { return slots[position & (capacity.load() - 1)]; }
};

PerProcess<Ring> rings;

void Ring::open(std::unique_ptr<Slot[]> empty, size_t num_slots) {
  slots = std::move(empty);
  capacity.store(num_slots);
  num_dropped.store(0);
  start_ns = monotonic_ns();
  // A number that no producer of an earlier trace can still hold.
  const uint64_t first = (head.load() & ~closed) + 1;
  tail.store(first);
  head.store(first, std::memory_order_release);
  is_writing.store(true);
}

// A position to fill, or 0.
uint64_t Ring::take() {
  uint64_t position = head.load(std::memory_order_acquire);
  do {
    if (position & closed) return 0;
    // The writer may have passed a position that has grown old meanwhile.
    const auto used = static_cast<int64_t>(position - tail.load(std::memory_order_acquire));
    if (used >= static_cast<int64_t>(capacity.load(std::memory_order_relaxed))) {
      num_dropped.fetch_add(1, std::memory_order_relaxed);
      return 0;
    }
  } while (!head.compare_exchange_weak(position, position + 1, std::memory_order_acq_rel,
                                       std::memory_order_acquire));
  return position;
}

template <class Fill>
void record(const Fill &fill) noexcept {
  Ring *ring = rings.find();
  if (!ring) return;
  const uint64_t position = ring->take();
  if (position == 0) return;
  Slot &slot = ring->at(position);
  slot.thread = gettid();
  slot.end_ns = monotonic_ns();
  fill(slot, ring->start_ns);
  slot.published.store(position, std::memory_order_release);
}

void set_text(Slot &slot, std::string_view name, std::string_view detail) noexcept {
  slot.name_size = static_cast<uint8_t>(shorten(name, slot.text, max_name));
  slot.detail_size = static_cast<uint8_t>(
      shorten(detail, slot.text + slot.name_size, sizeof slot.text - slot.name_size));
}

Event read_event(const Slot &slot) {
  return {slot.kind,
          slot.category,
          slot.begin_ns,
          slot.end_ns,
          slot.track,
          slot.value,
          slot.thread,
          {slot.text, slot.name_size},
          {slot.text + slot.name_size, slot.detail_size}};
}

void stop_at_exit() {
  Ring *ring = rings.find();
  if (!ring) return;
  std::unique_lock lock(ring->mutex);
  const auto running = ring->running.lock();
  lock.unlock();
  if (running) static_cast<void>(running->stop());
}

void leave_to_parent() noexcept {
  is_writing.store(false);
  forget_file_of_parent();
}

void register_once() {
  [[maybe_unused]] static const bool registered = [] {
    std::atexit(stop_at_exit);
    pthread_atfork(nullptr, nullptr, leave_to_parent);
    return true;
  }();
}

Result<File> open_file(const Options &options) {
  return options.fd ? File::duplicate(*options.fd) : File::open(options.path);
}

// The ring belongs to who holds this.
class Taken {
 public:
  explicit Taken(Ring &ring) : ring_(ring) {
    std::lock_guard lock(ring.mutex);
    is_held_ = !std::exchange(ring.is_taken, true);
  }
  ~Taken() {
    if (is_held_) give_back(ring_);
  }
  Taken(const Taken &) = delete;
  Taken &operator=(const Taken &) = delete;

  bool is_held() const { return is_held_; }
  void keep(const std::shared_ptr<Trace> &trace) {
    std::lock_guard lock(ring_.mutex);
    ring_.running = trace;
    is_held_ = false;
  }
  static void give_back(Ring &ring) {
    std::lock_guard lock(ring.mutex);
    ring.running.reset();
    ring.is_taken = false;
  }

 private:
  Ring &ring_;
  bool is_held_;
};

}  // namespace

void add(Category category, int64_t begin_ns, uint64_t track, std::string_view name,
         std::string_view detail) noexcept {
  if (begin_ns <= 0 || !is_on()) return;
  record([&](Slot &slot, int64_t start_ns) {
    slot.kind = begin_ns < start_ns ? Event::Kind::none : Event::Kind::slice;
    slot.category = category;
    slot.begin_ns = begin_ns;
    slot.track = track;
    set_text(slot, name, detail);
  });
}

void add_counter(std::string_view name, double value) noexcept {
  if (!is_on()) return;
  record([&](Slot &slot, int64_t) {
    slot.kind = Event::Kind::counter;
    slot.category = Category::stage;
    slot.begin_ns = slot.end_ns;
    slot.track = 0;
    slot.value = value;
    set_text(slot, name, {});
  });
}

Result<std::shared_ptr<Trace>> Trace::start(const Options &options) {
  register_once();
  Ring &ring = rings.get();
  Taken taken(ring);
  if (!taken.is_held())
    return Error{Status::busy, Origin::trace,
                 "A trace is being written already; a process writes one at a time."};
  SPDL_TRY_ASSIGN(auto file, open_file(options));
  const size_t num_slots = std::bit_floor(std::max<size_t>(1, options.buffer_size / sizeof(Slot)));
  auto slots = std::make_unique<Slot[]>(num_slots);
  auto trace = std::shared_ptr<Trace>(new Trace(std::move(file), options));
  trace->start_writer();
  ring.open(std::move(slots), num_slots);
  taken.keep(trace);
  return trace;
}

Trace::Trace(File file, const Options &options) : file_(std::move(file)) {
  file_.begin(options.process_name);
}

void Trace::start_writer() {
  const SignalsBlocked blocked;
  try {
    writer_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "spdl-trace");
      write_all();
      // Here, where no signal of a broken pipe can end the process.
      written_ = file_.end(num_events_.load(), rings.find()->num_dropped.load());
    });
  } catch (const std::system_error &) {
    throw std::bad_alloc();
  }
}

Trace::~Trace() {
  if (writer_.joinable()) static_cast<void>(stop());
}

Result<void> Trace::stop() {
  if (is_forked())
    return Error{Status::forked, Origin::trace, "This trace belongs to the parent process."};
  std::lock_guard lock(stopping_);
  if (!outcome_) outcome_ = end();
  return *outcome_;
}

Result<void> Trace::end() {
  Ring &ring = rings.get();
  is_writing.store(false);
  ring.close();
  {
    std::lock_guard lock(waking_);
    is_ending_.store(true);
  }
  wake_.notify_all();
  writer_.join();
  num_dropped_.store(ring.num_dropped.load());
  is_ended_.store(true);
  ring.slots.reset();
  Taken::give_back(ring);
  return *written_;
}

Counts Trace::counts() const {
  const Ring *ring = is_ended_.load() ? nullptr : rings.find();  // null in a forked child, too
  return {num_events_.load(), ring ? ring->num_dropped.load() : num_dropped_.load()};
}

// What is said until the ring is closed.
void Trace::write_all() {
  for (;;) {
    const bool is_last = is_ending_.load();
    const bool has_more = write_ready();
    file_.flush(is_ending_);
    if (has_more) continue;
    if (is_last) return;
    std::unique_lock lock(waking_);
    wake_.wait_for(lock, pause, [this] { return is_ending_.load(); });
  }
}

// A part of what is filled, at least one if there is any. Whether there is more, or will be soon.
bool Trace::write_ready() {
  constexpr int batch = 256;
  Ring &ring = *rings.find();
  uint64_t position = ring.tail.load();
  for (int i = 0; i < batch; ++i, ++position) {
    if (position >= (ring.head.load(std::memory_order_acquire) & ~Ring::closed)) return false;
    Slot &slot = ring.at(position);
    if (slot.published.load(std::memory_order_acquire) != position) {
      // Somebody is filling it right now.
      std::this_thread::yield();
      return true;
    }
    if (slot.kind != Event::Kind::none) {
      file_.add(read_event(slot));
      num_events_.fetch_add(1);
    }
    ring.tail.store(position + 1, std::memory_order_release);
  }
  return true;
}

}  // namespace spdl::trace
