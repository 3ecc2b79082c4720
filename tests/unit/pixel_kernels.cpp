// SPDX-License-Identifier: BSD-2-Clause
// All kernels give the same bytes, and none reads or writes where it must not.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "expect.h"
#include "pixel/resize_with.h"
#include "pixel_pictures.h"

using namespace spdl::pixel;
using namespace spdl::unit;

namespace {

// Bytes between pages that cannot be touched: the last of them lies right before such a page, or
// the first right behind one.
class Guarded {
 public:
  explicit Guarded(size_t size) : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))), size_(size) {
    room_ = (size + page_ - 1) / page_ * page_;
    void *memory = mmap(nullptr, room_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    base_ = static_cast<uint8_t *>(memory);
    if (mprotect(base_ + page_, room_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  Guarded(const Guarded &) = delete;
  Guarded &operator=(const Guarded &) = delete;
  ~Guarded() { munmap(base_, room_ + 2 * page_); }

  uint8_t *at(bool is_end) const { return base_ + page_ + (is_end ? room_ - size_ : 0); }

 private:
  const size_t page_;
  const size_t size_;
  size_t room_;
  uint8_t *base_;
};

struct Case {
  Layout layout;
  int width, height;
  Geometry geometry;
  Format format;
};

Case make_case(std::mt19937 &random) {
  const auto below = [&](int n) { return static_cast<int>(random() % n); };
  Case it;
  it.layout = layouts[below(std::size(layouts))];
  it.width = 1 + below(below(2) ? 40 : 300);
  it.height = 1 + below(below(2) ? 40 : 200);
  Geometry &geometry = it.geometry;
  const bool is_unscaled = below(4) == 0;
  geometry.scaled_width = is_unscaled ? it.width : 1 + below(below(2) ? 40 : 300);
  geometry.scaled_height = is_unscaled ? it.height : 1 + below(below(2) ? 40 : 200);
  if (below(2)) {
    geometry.x = below(geometry.scaled_width);
    geometry.y = below(geometry.scaled_height);
  }
  geometry.width = 1 + below(geometry.scaled_width - geometry.x);
  geometry.height = 1 + below(geometry.scaled_height - geometry.y);
  it.format = static_cast<Format>(below(3));
  return it;
}

// Memory of samples that span the whole range; the kernels meet saturation too.
void make_noise(OwnPicture &own, std::mt19937 &random) {
  for (const Plane &plane : own.picture.planes)
    for (int y = 0; y < plane.height; ++y)
      for (int x = 0; x < plane.width; ++x)
        const_cast<uint8_t *>(plane.data)[y * plane.stride + x * plane.step] =
            static_cast<uint8_t>(random() % 4 ? random() : random() % 2 * 255);
}

std::vector<uint8_t> resized_with(const Kernels &kernels, const Picture &picture, const Case &it) {
  const int row = it.geometry.width * num_channels(it.format);
  std::vector<uint8_t> bytes(static_cast<size_t>(row) * it.geometry.height);
  EXPECT(resize_with(kernels, picture, it.geometry, it.format, bytes.data(), row));
  return bytes;
}

OwnPicture make_picture(const Case &it, std::mt19937 &random) {
  OwnPicture own(it.layout, it.width, it.height, static_cast<unsigned>(random()));
  own.picture.site = static_cast<ChromaSite>(random() % 6);
  own.picture.matrix = static_cast<Matrix>(random() % 5);
  own.picture.is_full_range = random() % 2 != 0;
  make_noise(own, random);
  return own;
}

void same_bytes() {
  const Kernels *const fast = avx2_kernels();
  if (!fast) return static_cast<void>(std::cout << "no AVX2 here: nothing to compare\n");
  EXPECT(&best_kernels() == fast);
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    const Case it = make_case(random);
    const OwnPicture own = make_picture(it, random);
    if (resized_with(*fast, own.picture, it) == resized_with(portable_kernels(), own.picture, it))
      continue;
    ++num_failed;
    std::cerr << own.name << " to " << it.geometry.scaled_width << "x" << it.geometry.scaled_height
              << " window " << it.geometry.x << "," << it.geometry.y << " " << it.geometry.width
              << "x" << it.geometry.height << " differs\n";
  }
}

// The picture with its planes moved into guarded memory, rows without padding.
Picture guard(const Picture &picture, const std::vector<std::unique_ptr<Guarded>> &memory,
              bool is_end) {
  Picture moved = picture;
  for (size_t i = 0; i < memory.size(); ++i) {
    Plane &plane = moved.planes[i];
    plane.step = 1;
    plane.stride = plane.width;
    uint8_t *to = memory[i]->at(is_end);
    plane.data = to;
    const Plane &from = picture.planes[i];
    for (int y = 0; y < plane.height; ++y)
      for (int x = 0; x < plane.width; ++x) *to++ = from.data[y * from.stride + x * from.step];
  }
  return moved;
}

// The samples of all components among each other, in as little memory as there can be.
Picture guard_packed(const Picture &picture, const Guarded &memory, int count, int step,
                     bool is_end) {
  Picture moved = picture;
  uint8_t *to = memory.at(is_end);
  for (int i = 0; i < count; ++i) {
    const Plane &from = picture.planes[i];
    moved.planes[i] = {to + i, static_cast<ptrdiff_t>(from.width) * step, from.width, from.height,
                       step};
    for (int y = 0; y < from.height; ++y)
      for (int x = 0; x < from.width; ++x)
        to[(y * from.width + x) * step + i] = from.data[y * from.stride + x * from.step];
  }
  return moved;
}

void within_memory(const Kernels &kernels, bool is_packed) {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    Case it = make_case(random);
    if (is_packed) it.layout = layouts[10];
    const OwnPicture own = make_picture(it, random);
    const auto expected = resized_with(portable_kernels(), own.picture, it);
    const bool is_end = i % 2 == 0;
    std::vector<std::unique_ptr<Guarded>> memory;
    Picture picture;
    if (is_packed) {
      const int step = 3 + i % 3 / 2;
      memory.push_back(
          std::make_unique<Guarded>(static_cast<size_t>(it.width) * it.height * step - step + 3));
      picture = guard_packed(own.picture, *memory[0], 3, step, is_end);
    } else {
      for (int k = 0; k < (it.layout.model == Model::gray ? 1 : 3); ++k) {
        const Plane &plane = own.picture.planes[k];
        memory.push_back(
            std::make_unique<Guarded>(static_cast<size_t>(plane.width) * plane.height));
      }
      picture = guard(own.picture, memory, is_end);
    }
    const Guarded to(expected.size());
    const int row = it.geometry.width * num_channels(it.format);
    EXPECT(resize_with(kernels, picture, it.geometry, it.format, to.at(is_end), row));
    EXPECT(std::equal(expected.begin(), expected.end(), to.at(is_end)));
  }
}

}  // namespace

int main() {
  same_bytes();
  for (const bool is_packed : {false, true}) {
    within_memory(best_kernels(), is_packed);
    within_memory(portable_kernels(), is_packed);
  }
  return num_failed != 0;
}
