// SPDX-License-Identifier: BSD-2-Clause
// What resizing costs: microseconds of CPU time, the best of many runs.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "pixel/resize_with.h"

using namespace spdl::pixel;

namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

// Planar 4:2:0 with samples that differ.
struct Source {
  Source(int width, int height) : memory(static_cast<size_t>(width) * height * 2) {
    uint32_t state = 1;
    for (uint8_t &byte : memory) byte = static_cast<uint8_t>((state = state * 1664525 + 1) >> 24);
    const int w = (width + 1) / 2, h = (height + 1) / 2;
    const uint8_t *data = memory.data();
    picture = {.model = Model::ycbcr,
               .width = width,
               .height = height,
               .planes = {{data, width, width, height},
                          {data + width * height, w, w, h},
                          {data + width * height + w * h, w, w, h}}};
  }
  std::vector<uint8_t> memory;
  Picture picture;
};

constexpr int num_runs = 300;

double measure(const Kernels &kernels, const Picture &picture, const Geometry &geometry) {
  std::vector<uint8_t> to(static_cast<size_t>(geometry.width) * geometry.height * 3);
  double best = 1e9;
  for (int i = 0; i < num_runs; ++i) {
    const double begin = now();
    if (!resize_with(kernels, picture, geometry, Format::rgb24, to.data(), geometry.width * 3))
      return -1;
    best = std::min(best, now() - begin);
  }
  return best;
}

void report(const char *name, const Source &source, const Geometry &geometry) {
  std::printf("%-28s %8.1f us, portable %8.1f us\n", name,
              measure(best_kernels(), source.picture, geometry),
              measure(portable_kernels(), source.picture, geometry));
}

}  // namespace

int main() {
  const Source photo(500, 375), video(1280, 720), large(4000, 3000), small(160, 120);
  report("500x375 to 224x168", photo, {224, 168, 0, 0, 224, 168});
  report("500x375 to 224x224", photo, {224, 224, 0, 0, 224, 224});
  report("500x375 to 256, crop 224", photo, {341, 256, 58, 16, 224, 224});
  report("1280x720 to 224x224", video, {224, 224, 0, 0, 224, 224});
  report("1280x720 to 640x360", video, {640, 360, 0, 0, 640, 360});
  report("1280x720 as it is", video, {1280, 720, 0, 0, 1280, 720});
  report("160x120 as it is", small, {160, 120, 0, 0, 160, 120});
  report("4000x3000 to 224x224", large, {224, 224, 0, 0, 224, 224});
  report("160x120 to 320x240", small, {320, 240, 0, 0, 320, 240});
}
