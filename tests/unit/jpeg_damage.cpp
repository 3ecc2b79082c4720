// SPDX-License-Identifier: BSD-2-Clause
// Damaged and hostile JPEGs: none or the whole picture, never something between, and not a byte
// read or written that is another's.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <thread>

#include "expect.h"
#include "jpeg/decode.h"
#include "jpeg_encode.h"

using namespace spdl;
using namespace spdl::unit;

namespace {

// Bytes right before a page that must not be touched.
class Guarded {
 public:
  explicit Guarded(std::span<const uint8_t> bytes) {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t room = (bytes.size() + page - 1) / page * page;
    size_ = room + page;
    start_ = static_cast<uint8_t *>(
        mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(start_ + room, page, PROT_NONE);
    data_ = {start_ + room - bytes.size(), bytes.size()};
    if (!bytes.empty()) std::memcpy(start_ + room - bytes.size(), bytes.data(), bytes.size());
  }
  ~Guarded() { munmap(start_, size_); }
  Guarded(const Guarded &) = delete;
  Guarded &operator=(const Guarded &) = delete;

  std::span<const uint8_t> data() const { return data_; }

 private:
  uint8_t *start_ = nullptr;
  size_t size_ = 0;
  std::span<const uint8_t> data_;
};

// All samples in a row; empty if there is no image. Errors are none of damage.
Bytes decode(std::span<const uint8_t> file, int denominator = 1) {
  const auto image = jpeg::decode(file, denominator, Limits{}, "a.jpg");
  EXPECT(image);
  Bytes samples;
  for (int i = 0; image && *image && i < (*image)->num_planes; ++i) {
    const jpeg::Plane &plane = (*image)->planes[static_cast<size_t>(i)];
    for (int y = 0; y < plane.height; ++y) {
      const uint8_t *row = plane.data + y * plane.stride;
      samples.insert(samples.end(), row, row + plane.width);
    }
  }
  return samples;
}

std::vector<Recipe> kinds() {
  Recipe baseline;
  baseline.luma_x = baseline.luma_y = 2;
  Recipe progressive = baseline;
  progressive.is_progressive = true;
  Recipe restarts = baseline;
  restarts.luma_y = 1;
  restarts.restart_interval = 2;
  Recipe gray;
  gray.colors = JCS_GRAYSCALE;
  Recipe arithmetic = progressive;
#ifdef C_ARITH_CODING_SUPPORTED
  arithmetic.is_arithmetic = true;
#endif
  return {baseline, progressive, restarts, gray, arithmetic};
}

void every_cut() {
  for (const Recipe &recipe : kinds()) {
    const Bytes file = encode(recipe);
    EXPECT(!decode(Guarded(file).data()).empty());
    for (size_t n = 0; n < file.size(); ++n) {
      const Guarded cut({file.data(), n});
      EXPECT(decode(cut.data(), n % 2 ? 1 : 8).empty());
    }
  }
}

// --- Holes
// ----------------------------------------------------------------------------------------

// Where the markers of a kind stand.
std::vector<size_t> find_markers(const Bytes &file, uint8_t marker) {
  std::vector<size_t> found;
  for (size_t i = 0; i + 1 < file.size(); ++i)
    if (file[i] == 0xff && file[i + 1] == marker) found.push_back(i);
  return found;
}

Bytes without(const Bytes &file, size_t begin, size_t end) {
  Bytes rest(file.begin(), file.begin() + static_cast<ptrdiff_t>(begin));
  rest.insert(rest.end(), file.begin() + static_cast<ptrdiff_t>(end), file.end());
  return rest;
}

// For these, libjpeg has no word: it makes up what is missing.
void missing_scans() {
  Recipe separate;
  for (const int component : {0, 1, 2}) separate.scans.push_back({1, {component}, 0, 63, 0, 0});
  Recipe progressive;
  progressive.is_progressive = true;
  Recipe gray = progressive;
  gray.colors = JCS_GRAYSCALE;
  for (const Recipe &recipe : {separate, progressive, gray}) {
    const Bytes file = encode(recipe);
    const auto scans = find_markers(file, 0xda);
    EXPECT(scans.size() > 2 && !decode(file).empty());
    for (size_t i = 1; i < scans.size(); ++i)
      EXPECT(decode(without(file, scans[i], file.size() - 2)).empty());
  }
}

Bytes with(const Bytes &file, size_t at, const Bytes &more) {
  Bytes all = file;
  all.insert(all.begin() + static_cast<ptrdiff_t>(at), more.begin(), more.end());
  return all;
}

void extraneous() {
  for (const Recipe &recipe : kinds()) {
    const Bytes file = encode(recipe);
    const size_t end = file.size() - 2;
    const auto scan = static_cast<ptrdiff_t>(find_markers(file, 0xda).front());
    EXPECT(decode(with(file, 0, {0xff})).empty());
    EXPECT(decode(with(file, 2, {0})).empty());
    EXPECT(decode(with(file, end, Bytes(file.begin() + scan, file.end() - 2))).empty());
    // A few bytes behind the last block are nobody's concern: libjpeg has read ahead.
    for (const Bytes &more : {Bytes{1, 2, 3}, Bytes{0xff, 0xd0}, Bytes(100, 0x55)}) {
      const Bytes image = decode(with(file, end, more));
      EXPECT(image.empty() || image == decode(file));
      EXPECT(image.empty() || more.size() < 100 || recipe.is_arithmetic);
    }
  }
}

// Whatever was decoded before.
void missing_tables() {
  Recipe recipe;
  const Bytes whole = encode(recipe);
  recipe.has_tables = false;
  const Bytes bare = encode(recipe);
  EXPECT(!decode(whole).empty());
  EXPECT(decode(bare).empty());
  for (const uint8_t marker : {0xdb, 0xc4})
    for (const size_t at : find_markers(whole, marker)) {
      const size_t length = static_cast<size_t>(whole[at + 2] << 8 | whole[at + 3]);
      const Bytes file = without(whole, at, at + 2 + length);
      if (marker == 0xdb) EXPECT(decode(file).empty());
      // The standard's own tables stand in for Huffman tables, and the encoder wrote just these.
      if (marker == 0xc4) EXPECT(decode(file) == decode(whole));
    }
}

// --- Mutations
// ------------------------------------------------------------------------------------

Bytes mutate(const Bytes &file, unsigned seed) {
  std::mt19937 random(seed);
  Bytes changed = file;
  for (unsigned i = 0; i < 1 + seed % 4; ++i)
    changed[random() % changed.size()] = static_cast<uint8_t>(random());
  return changed;
}

// Catches what is written to a descriptor.
class Captured {
 public:
  explicit Captured(int fd) : fd_(fd), saved_(dup(fd)), file_(std::tmpfile()) {
    dup2(fileno(file_), fd);
  }
  ~Captured() {
    restore();
    std::fclose(file_);
  }
  Captured(const Captured &) = delete;
  Captured &operator=(const Captured &) = delete;

  off_t restore() {
    if (saved_ >= 0) {
      dup2(saved_, fd_);
      close(saved_);
      saved_ = -1;
    }
    return lseek(fileno(file_), 0, SEEK_END);
  }

 private:
  int fd_, saved_;
  std::FILE *file_;
};

void mutations() {
  constexpr unsigned num = 10000, prime = 7919;
  const auto recipes = kinds();
  std::vector<Bytes> files;
  for (const Recipe &recipe : recipes) files.push_back(encode(recipe));
  std::vector<Bytes> first(num);
  const auto decode_one = [&](unsigned i) {
    const Bytes &file = files[i % files.size()];
    return decode(Guarded(mutate(file, i)).data(), 1 << i / files.size() % 4);
  };
  unsigned num_images = 0, num_changed = 0;
  Captured errors(STDERR_FILENO), output(STDOUT_FILENO);
  for (unsigned i = 0; i < num; ++i) {
    first[i] = decode_one(i);
    num_images += !first[i].empty();
  }
  for (unsigned i = 0, at = 0; i < num; ++i, at = (at + prime) % num)
    num_changed += decode_one(at) != first[at];
  EXPECT_EQ(errors.restore(), 0);
  EXPECT_EQ(output.restore(), 0);
  EXPECT_EQ(num_changed, 0U);
  // Both verdicts are there.
  EXPECT(num_images > num / 100 && num_images < num - num / 10);
}

void threads() {
  const auto recipes = kinds();
  std::vector<Bytes> files, expected;
  for (const Recipe &recipe : recipes) {
    files.push_back(encode(recipe));
    expected.push_back(decode(files.back()));
  }
  std::atomic<int> num_wrong = 0;
  std::vector<std::thread> all;
  for (size_t t = 0; t < 4; ++t)
    all.emplace_back([&, t] {
      for (size_t i = 0; i < 200; ++i) {
        const size_t at = (i + t) % files.size();
        num_wrong += decode(files[at]) != expected[at];
      }
    });
  for (auto &thread : all) thread.join();
  EXPECT_EQ(num_wrong.load(), 0);
}

}  // namespace

int main() {
  every_cut();
  missing_scans();
  extraneous();
  missing_tables();
  mutations();
  threads();
  return num_failed != 0;
}
