// SPDX-License-Identifier: BSD-2-Clause
// JPEG files for tests, of every kind that libjpeg writes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>

namespace spdl::unit {

using Bytes = std::vector<uint8_t>;

struct Recipe {
  int width = 33;
  int height = 17;
  J_COLOR_SPACE colors = JCS_YCbCr;  // of the file
  // Sampling factors of luma and of all others.
  int luma_x = 1, luma_y = 1, chroma_x = 1, chroma_y = 1;
  bool is_progressive = false;
  bool is_arithmetic = false;
  bool is_optimized = false;
  unsigned restart_interval = 0;  // MCUs
  int quality = 90;
  bool has_tables = true;
  std::vector<jpeg_scan_info> scans{};  // empty: libjpeg's own
  // Written behind SOI: a marker and its payload.
  int marker = 0;
  std::string payload{};
};

inline int num_components(const Recipe &recipe) {
  return recipe.colors == JCS_GRAYSCALE ? 1 : recipe.colors == JCS_CMYK ? 4 : 3;
}

// Gradients, edges and some noise, the same on every run.
inline Bytes make_row(const Recipe &recipe, int y) {
  const int n = num_components(recipe);
  Bytes row(static_cast<size_t>(recipe.width * n));
  for (int x = 0; x < recipe.width; ++x)
    for (int c = 0; c < n; ++c) {
      const int noise = static_cast<int>((static_cast<unsigned>(x * 7919 + y * 104729) >> 3) % 9);
      const int edge = (x / 11 + y / 7 + c) % 2 ? 60 : 0;
      row[static_cast<size_t>(x * n + c)] =
          static_cast<uint8_t>(30 + edge + noise + (x * (c + 1) + y * (3 - c) * 2) % 130);
    }
  return row;
}

inline void set_components(jpeg_compress_struct &info, const Recipe &recipe) {
  for (int i = 0; i < info.num_components; ++i) {
    info.comp_info[i].h_samp_factor = i ? recipe.chroma_x : recipe.luma_x;
    info.comp_info[i].v_samp_factor = i ? recipe.chroma_y : recipe.luma_y;
  }
}

// Errors end the program, as libjpeg's own handling of them has it.
inline Bytes encode(const Recipe &recipe) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char *out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = static_cast<JDIMENSION>(recipe.width);
  info.image_height = static_cast<JDIMENSION>(recipe.height);
  info.input_components = num_components(recipe);
  info.in_color_space = recipe.colors;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, recipe.colors);
  jpeg_set_quality(&info, recipe.quality, TRUE);
  set_components(info, recipe);
  if (recipe.is_progressive) jpeg_simple_progression(&info);
  if (!recipe.scans.empty()) {
    info.scan_info = recipe.scans.data();
    info.num_scans = static_cast<int>(recipe.scans.size());
  }
  info.arith_code = recipe.is_arithmetic;
  info.optimize_coding = recipe.is_optimized;
  info.restart_interval = recipe.restart_interval;
  if (!recipe.has_tables) jpeg_suppress_tables(&info, TRUE);
  jpeg_start_compress(&info, recipe.has_tables ? TRUE : FALSE);
  if (recipe.marker)
    jpeg_write_marker(&info, recipe.marker, reinterpret_cast<const JOCTET *>(recipe.payload.data()),
                      static_cast<unsigned>(recipe.payload.size()));
  for (int y = 0; y < recipe.height; ++y) {
    Bytes row = make_row(recipe, y);
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  Bytes file(out, out + size);
  std::free(out);
  jpeg_destroy_compress(&info);
  return file;
}

inline std::string describe(const Recipe &recipe) {
  const auto text = [](int number) { return std::to_string(number); };
  return text(recipe.width) + "x" + text(recipe.height) + " of " + text(num_components(recipe)) +
         " components, luma " + text(recipe.luma_x) + "x" + text(recipe.luma_y) + ", chroma " +
         text(recipe.chroma_x) + "x" + text(recipe.chroma_y) +
         (recipe.is_progressive ? ", progressive" : "") +
         (recipe.is_arithmetic ? ", arithmetic" : "") + (recipe.is_optimized ? ", optimized" : "") +
         (recipe.restart_interval ? ", restarts" : "");
}

}  // namespace spdl::unit
