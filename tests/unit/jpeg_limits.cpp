// SPDX-License-Identifier: BSD-2-Clause
// What ends the decoding of a JPEG, and the memory that it takes.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>

#include "expect.h"
#include "jpeg/decode.h"
#include "jpeg_encode.h"

using namespace spdl;
using namespace spdl::unit;

namespace {

// The memory of planes, between two strips that nobody may write to.
struct Memory {
  static constexpr size_t strip = 4096;
  static constexpr uint8_t pattern = 0xa5;

  std::function<void()> on_new;
  int count = 0;
  size_t size = 0;         // of the last one
  size_t num_written = 0;  // in it, when it was freed
  bool is_intact = true;   // so are all strips

  void *allocate(size_t wanted) {
    ++count;
    size = wanted;
    if (on_new) on_new();
    const size_t whole = (strip + wanted + strip + jpeg::alignment - 1) & ~(jpeg::alignment - 1);
    auto *start = static_cast<uint8_t *>(std::aligned_alloc(jpeg::alignment, whole));
    std::memset(start, pattern, strip + wanted + strip);
    return start + strip;
  }

  void free(void *memory) {
    if (!memory) return;
    auto *data = static_cast<uint8_t *>(memory);
    const auto is_touched = [](uint8_t byte) { return byte != pattern; };
    num_written = static_cast<size_t>(std::count_if(data, data + size, is_touched));
    is_intact &= std::none_of(data - strip, data, is_touched);
    // The last row is followed by bytes that may be read, and are nobody's.
    is_intact &= std::none_of(data + size - jpeg::alignment, data + size + strip, is_touched);
    std::free(data - strip);
  }
};

Memory memory;

}  // namespace

void *operator new[](size_t size, std::align_val_t) { return memory.allocate(size); }
void operator delete[](void *data, std::align_val_t) noexcept { memory.free(data); }

namespace {

void nothing_outside() {
  for (const auto &[x, y] : {std::pair{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}})
    for (const int width : {1, 9, 16, 31, 64})
      for (const int height : {1, 8, 23})
        for (const bool is_progressive : {false, true})
          for (const int denominator : {1, 2, 4, 8}) {
            Recipe recipe;
            recipe.luma_x = x;
            recipe.luma_y = y;
            recipe.width = width;
            recipe.height = height;
            recipe.is_progressive = is_progressive;
            memory.num_written = 0;
            EXPECT(*jpeg::decode(encode(recipe), denominator, Limits{}, "a"));
            EXPECT(memory.is_intact && memory.num_written > 0);
          }
}

Bytes large(bool is_progressive) {
  Recipe recipe;
  recipe.width = 1000;
  recipe.height = 600;
  recipe.luma_x = recipe.luma_y = 2;
  recipe.is_progressive = is_progressive;
  return encode(recipe);
}

void before() {
  const Bytes file = large(false);
  const int count = memory.count;
  Limits limits;
  limits.max_pixels = 1000 * 600 - 1;
  const auto over = jpeg::decode(file, 8, limits, "a.jpg");
  EXPECT(!over && over.error().status == Status::limit && over.error().origin == Origin::decode);
  EXPECT(!over && over.error().message.starts_with("a.jpg: the number of pixels"));
  limits.max_pixels = 1000 * 600;
  limits.deadline_ns = monotonic_ns() - 1;
  const auto late = jpeg::decode(file, 8, limits, "a.jpg");
  EXPECT(!late && late.error().status == Status::deadline);
  EXPECT(!late && late.error().message.starts_with("a.jpg: "));
  EXPECT_EQ(memory.count, count);
  limits.deadline_ns = Limits::none;
  EXPECT(*jpeg::decode(file, 8, limits, "a.jpg"));
}

// Cancelled when the memory is there: no row is written any more. A file of one scan looks before
// each of its rows, one of several also before each row of each scan.
void during() {
  for (const bool is_progressive : {false, true}) {
    const Bytes file = large(is_progressive);
    Limits limits;
    const auto stop = std::make_shared<StopFlag>();
    limits.job_stop = stop;
    EXPECT(*jpeg::decode(file, 1, limits, "a.jpg"));
    EXPECT(memory.num_written > 100000);
    memory.on_new = [&] { stop->set(); };
    const auto image = jpeg::decode(file, 1, limits, "a.jpg");
    memory.on_new = nullptr;
    EXPECT(!image && image.error().status == Status::cancelled);
    EXPECT_EQ(memory.num_written, 0U);
  }
}

void on_time() {
  const Bytes file = large(true);
  Limits limits;
  memory.on_new = [&] { limits.deadline_ns = monotonic_ns(); };
  const auto image = jpeg::decode(file, 1, limits, "a.jpg");
  memory.on_new = nullptr;
  EXPECT(!image && image.error().status == Status::deadline);
  EXPECT_EQ(memory.num_written, 0U);
}

// A header that promises more than the file can hold takes no memory.
void promises() {
  for (const bool is_progressive : {false, true}) {
    Bytes file = large(is_progressive);
    const uint8_t frame[] = {0xff, static_cast<uint8_t>(is_progressive ? 0xc2 : 0xc0)};
    const auto at = std::ranges::search(file, frame).begin();
    EXPECT(at != file.end());
    const uint8_t size[] = {0x07, 0xd0, 0xff, 0xdc};  // 2000 high, 65500 wide
    std::ranges::copy(size, at + 5);
    file.resize(4000);
    const int count = memory.count;
    const auto image = jpeg::decode(file, 1, Limits{}, "a.jpg");
    EXPECT(image && !*image);
    EXPECT_EQ(memory.count, count);
  }
}

template <class F>
bool throws_bad_alloc(F f) {
  try {
    f();
  } catch (const std::bad_alloc &) {
    return true;
  }
  return false;
}

void no_memory() {
  const Bytes file = large(true);
  memory.on_new = [] { throw std::bad_alloc(); };
  EXPECT(throws_bad_alloc([&] { (void)jpeg::decode(file, 1, Limits{}, "a.jpg"); }));
  memory.on_new = nullptr;
  EXPECT(*jpeg::decode(file, 1, Limits{}, "a.jpg"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In libjpeg, in a process of its own: 29 MB of coefficients where there is room for far less.
void no_memory_within() {
  Recipe recipe;
  recipe.width = recipe.height = 2200;
  recipe.is_progressive = true;
  const Bytes file = encode(recipe);
  const pid_t child = fork();
  if (child == 0) {
    memory.on_new = [] {
      long num_pages = 0;
      std::FILE *statm = std::fopen("/proc/self/statm", "r");
      const bool is_read = statm && std::fscanf(statm, "%ld", &num_pages) == 1;
      const rlim_t room = static_cast<rlim_t>(num_pages * sysconf(_SC_PAGESIZE)) + (8 << 20);
      const rlimit limit{room, room};
      if (!is_read || setrlimit(RLIMIT_AS, &limit) != 0) _exit(2);
    };
    // At 1/8 the planes themselves are small.
    _exit(throws_bad_alloc([&] { (void)jpeg::decode(file, 8, Limits{}, "a.jpg"); }) ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
#else
void no_memory_within() {}
#endif

}  // namespace

int main() {
  nothing_outside();
  before();
  during();
  on_time();
  promises();
  no_memory();
  no_memory_within();
  return num_failed != 0;
}
