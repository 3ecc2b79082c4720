// SPDX-License-Identifier: BSD-2-Clause
// What resizing gives, against the definition in floating point, and against itself.
#include "pixel/resize.h"

#include <algorithm>
#include <cmath>

#include "expect.h"
#include "pixel_pictures.h"

using namespace spdl::pixel;
using namespace spdl::unit;

namespace {

constexpr ChromaSite sites[] = {ChromaSite::left, ChromaSite::center,      ChromaSite::top_left,
                                ChromaSite::top,  ChromaSite::bottom_left, ChromaSite::bottom};
constexpr Matrix matrices[] = {Matrix::bt601, Matrix::bt709, Matrix::bt2020, Matrix::smpte240m,
                               Matrix::fcc};
constexpr Format formats[] = {Format::gray, Format::rgb24, Format::bgr24};

struct Sizes {
  int width, height, scaled_width, scaled_height;
};
constexpr Sizes sizes[] = {
    {64, 48, 64, 48},   {63, 47, 63, 47}, {64, 48, 32, 24}, {61, 43, 29, 17},  {50, 37, 22, 17},
    {100, 90, 7, 5},    {33, 35, 80, 71}, {33, 35, 33, 99}, {200, 31, 40, 31}, {5, 5, 33, 2},
    {1, 1, 1, 1},       {1, 1, 40, 20},   {1, 50, 1, 20},   {1, 50, 17, 80},   {50, 1, 20, 1},
    {300, 2, 3, 1},     {2, 300, 1, 3},   {3, 3, 2, 2},     {2, 2, 3, 3},      {7, 3, 5, 4},
    {700, 500, 16, 12}, {90, 64, 48, 17}, {17, 16, 16, 17},
};

Geometry whole(int width, int height) { return {width, height, 0, 0, width, height}; }

std::vector<uint8_t> resized(const Picture &picture, const Geometry &geometry, Format format) {
  const int row = geometry.width * num_channels(format);
  std::vector<uint8_t> bytes(static_cast<size_t>(row) * geometry.height);
  EXPECT(resize(picture, geometry, format, bytes.data(), row));
  return bytes;
}

void set_colour(Picture &picture, unsigned i) {
  picture.site = sites[i % std::size(sites)];
  picture.matrix = matrices[i % std::size(matrices)];
  picture.is_full_range = i % 3 != 0;
}

void quality() {
  unsigned seed = 0;
  double least = 999;
  for (const Layout &layout : layouts)
    for (const Sizes &size : sizes)
      for (const Format format : formats) {
        OwnPicture own(layout, size.width, size.height, ++seed);
        set_colour(own.picture, seed);
        const Geometry geometry = whole(size.scaled_width, size.scaled_height);
        const auto bytes = resized(own.picture, geometry, format);
        const auto exact = resize_exactly(own.picture, geometry, format);
        double worst = 0;
        for (size_t i = 0; i < bytes.size(); ++i)
          worst = std::max(worst, std::abs(bytes[i] - exact[i]));
        const double decibels = psnr(bytes, exact);
        least = std::min(least, decibels);
        if (decibels >= 50 && worst <= 1) continue;
        ++num_failed;
        std::cerr << own.name << " to " << size.scaled_width << "x" << size.scaled_height
                  << " of format " << static_cast<int>(format) << ": " << decibels
                  << " dB, at most " << worst << " off\n";
      }
  std::cout << "at least " << least << " dB\n";
}

// Pictures of one colour keep it, whatever the size.
void constants() {
  for (const Layout &layout : layouts)
    for (const Sizes &size : sizes)
      for (const int value : {0, 1, 17, 128, 200, 254, 255}) {
        OwnPicture own(layout, size.width, size.height, 1);
        const bool is_ycbcr = layout.model == Model::ycbcr;
        const int values[] = {value, is_ycbcr ? 128 : value, is_ycbcr ? 128 : value};
        own.fill(values);
        for (const Format format : formats) {
          const auto bytes =
              resized(own.picture, whole(size.scaled_width, size.scaled_height), format);
          EXPECT(std::all_of(bytes.begin(), bytes.end(), [&](int b) { return b == value; }));
        }
      }
}

void limited_range() {
  OwnPicture own(layouts[3], 40, 30, 1);
  own.picture.is_full_range = false;
  for (const auto &[luma, expected] : {std::pair{16, 0}, {235, 255}, {0, 0}, {255, 255}}) {
    const int values[] = {luma, 128, 128};
    own.fill(values);
    for (const Format format : formats) {
      const auto bytes = resized(own.picture, whole(20, 20), format);
      EXPECT(std::all_of(bytes.begin(), bytes.end(), [&](int b) { return b == expected; }));
    }
  }
}

void windows() {
  std::mt19937 random(7);
  for (const Layout &layout : layouts)
    for (const Sizes &size : sizes) {
      OwnPicture own(layout, size.width, size.height, 3);
      const auto all =
          resized(own.picture, whole(size.scaled_width, size.scaled_height), Format::rgb24);
      Geometry geometry{size.scaled_width, size.scaled_height};
      geometry.x = static_cast<int>(random() % size.scaled_width);
      geometry.y = static_cast<int>(random() % size.scaled_height);
      geometry.width = 1 + static_cast<int>(random() % (size.scaled_width - geometry.x));
      geometry.height = 1 + static_cast<int>(random() % (size.scaled_height - geometry.y));
      const auto window = resized(own.picture, geometry, Format::rgb24);
      for (int y = 0; y < geometry.height; ++y) {
        const auto *from = all.data() + 3 * ((y + geometry.y) * size.scaled_width + geometry.x);
        EXPECT(std::equal(from, from + 3 * geometry.width, window.data() + 3 * y * geometry.width));
      }
    }
}

void flipped() {
  for (const Layout &layout : layouts) {
    OwnPicture own(layout, 61, 43, 5);
    const auto bytes = resized(own.picture, whole(30, 50), Format::rgb24);
    own.flip();
    EXPECT(own.picture.planes[0].stride < 0);
    EXPECT(resized(own.picture, whole(30, 50), Format::rgb24) == bytes);
  }
}

// Rows written from the bottom up, and nothing between or around them.
void target_rows() {
  for (const Sizes &size : sizes)
    for (const Format format : formats) {
      OwnPicture own(layouts[3], size.width, size.height, 9);
      const Geometry geometry = whole(size.scaled_width, size.scaled_height);
      const auto bytes = resized(own.picture, geometry, format);
      const int row = geometry.width * num_channels(format), stride = row + 37;
      std::vector<uint8_t> memory((geometry.height + 2) * stride, 0x5a), expected = memory;
      for (int y = 0; y < geometry.height; ++y)
        std::copy_n(bytes.data() + y * row, row,
                    expected.data() + (geometry.height - y) * stride + 11);
      EXPECT(resize(own.picture, geometry, format, memory.data() + geometry.height * stride + 11,
                    -stride));
      EXPECT(memory == expected);
    }
}

void refused() {
  OwnPicture own(layouts[3], 40, 30, 1);
  uint8_t bytes[3];
  const auto is_refused = [&](const Picture &picture, const Geometry &geometry) {
    const auto result = resize(picture, geometry, Format::rgb24, bytes, 3);
    return !result && result.error().status == spdl::Status::invalid &&
           result.error().message.starts_with("Cannot resize: ");
  };
  EXPECT(!is_refused(own.picture, {20, 20, 0, 0, 1, 1}));
  EXPECT(is_refused(own.picture, {0, 20, 0, 0, 1, 1}));
  EXPECT(is_refused(own.picture, {20, 0, 0, 0, 1, 1}));
  EXPECT(is_refused(own.picture, {20, max_side + 1, 0, 0, 1, 1}));
  EXPECT(is_refused(own.picture, {20, 20, 0, 0, 0, 1}));
  EXPECT(is_refused(own.picture, {20, 20, -1, 0, 1, 1}));
  EXPECT(is_refused(own.picture, {20, 20, 20, 0, 1, 1}));
  EXPECT(is_refused(own.picture, {20, 20, 0, 20, 1, 1}));
  EXPECT(is_refused(own.picture, {20, 20, 2147483647, 0, 1, 1}));
  const auto is_bad = [&](auto &&change) {
    Picture picture = own.picture;
    change(picture);
    return is_refused(picture, {20, 20, 0, 0, 1, 1});
  };
  EXPECT(is_bad([](Picture &it) { it.width = 0; }));
  EXPECT(is_bad([](Picture &it) { it.height = -5; }));
  EXPECT(is_bad([](Picture &it) { it.planes[0].width -= 1; }));
  EXPECT(is_bad([](Picture &it) { it.planes[1].width -= 1; }));
  EXPECT(is_bad([](Picture &it) { it.planes[2].height += 1; }));
  EXPECT(is_bad([](Picture &it) { it.planes[2].step = 0; }));
  EXPECT(is_bad([](Picture &it) { it.planes[1].data = nullptr; }));
  EXPECT(is_bad([](Picture &it) { it.model = Model::rgb; }));
}

}  // namespace

int main() {
  quality();
  constants();
  limited_range();
  windows();
  flipped();
  target_rows();
  refused();
  return num_failed != 0;
}
