// Functions compiled once for each kind of processor.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define PROXSEG_HAS_CLONES true
#else
#define PROXSEG_HAS_CLONES false
#endif

// In front of a function: it is compiled for every x86-64, for AVX2 and for AVX-512, and the loader
// takes what the processor can run. Only GCC can do so for templates, and sanitizers start after
// the loader has chosen.
#if PROXSEG_HAS_CLONES && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define PROXSEG_VECTORIZED [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define PROXSEG_VECTORIZED
#endif
