;; Group 4 (ITU-T T.6): rows of packed bits become codes.
;;
;; A row is first made a list of its changes: the pels, from 0, at which the colour is another one than before, in
;; 32 bits each; white comes first, so the even ones turn black and the odd ones white. All is then done by these lists.

;; Write the list of a row, and behind it four times the row's width; where the list ends is not told.
(func $changes (param $row i32) (param $octets i32) (param $list i32)
  (local $at i32) (local $raw i64) (local $word i64) (local $edges i64) (local $before i64) (local $pel i32)
  (local $swapped v128)
  (loop $words
    (local.set $raw (i64.load (i32.add (local.get $row) (local.get $at))))
    ;; $before: all pels of the colour that the last one had
    (if (i64.ne (local.get $raw) (local.get $before))
      (then
        (local.set $swapped (v128.load64_zero (i32.add (local.get $row) (local.get $at))))
        (local.set $word (i64x2.extract_lane 0
          (i8x16.shuffle 7 6 5 4 3 2 1 0 7 6 5 4 3 2 1 0 (local.get $swapped) (local.get $swapped))))
        (local.set $edges (i64.xor (local.get $word)
          (i64.or (i64.shr_u (local.get $word) (i64.const 1)) (i64.shl (local.get $before) (i64.const 63)))))
        (block $none
          (br_if $none (i64.eqz (local.get $edges)))
          (loop $each
            (local.set $pel (i32.wrap_i64 (i64.clz (local.get $edges))))
            (i32.store (local.get $list) (i32.add (i32.shl (local.get $at) (i32.const 3)) (local.get $pel)))
            (local.set $list (i32.add (local.get $list) (i32.const 4)))
            (local.set $edges (i64.xor (local.get $edges)
              (i64.shr_u (i64.const 0x8000000000000000) (i64.extend_i32_u (local.get $pel)))))
            (br_if $each (i64.ne (local.get $edges) (i64.const 0)))))
        (local.set $before (i64.sub (i64.const 0) (i64.and (local.get $word) (i64.const 1))))))
    (br_if $words (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $octets))))
  (v128.store (local.get $list) (i32x4.splat (i32.shl (local.get $octets) (i32.const 3)))))

;; Write the 32 bits above the last $count ones.
(func $store (param $out i32) (param $waiting i64) (param $count i32)
  (local $word v128)
  (local.set $word (i32x4.splat
    (i32.wrap_i64 (i64.shr_u (local.get $waiting) (i64.extend_i32_u (local.get $count))))))
  (v128.store32_lane 0 (local.get $out)
    (i8x16.shuffle 3 2 1 0 3 2 1 0 3 2 1 0 3 2 1 0 (local.get $word) (local.get $word))))

;; Encode rows of so many octets, a multiple of eight. $codes: for each length of a run, white and then black, its code
;; (the low 27 bits) and how many bits it has (the high five); $lists: room for two lists. Gives the end of the data.
(func $encode (param $bits i32) (param $rows i32) (param $octets i32) (param $codes i32) (param $lists i32)
  (param $out i32) (result i32)
  (local $width i32) (local $above i32) (local $here i32) (local $black i32)
  (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $b1 i32) (local $from i32) (local $code i32) (local $length i32)
  (local $waiting i64) (local $count i32) (local $last v128)  ;; bits not written yet: the low ones of $waiting, at most 31 between two codes
  (local.set $width (i32.shl (local.get $octets) (i32.const 3)))
  (local.set $above (local.get $lists))
  (local.set $here (i32.add (local.get $lists) (i32.shl (i32.add (local.get $width) (i32.const 8)) (i32.const 2))))
  (v128.store (local.get $above) (i32x4.splat (local.get $width)))  ;; above the first row there is white
  (block $done
    (br_if $done (i32.eqz (local.get $rows)))
    (loop $row
      (call $changes (local.get $bits) (local.get $octets) (local.get $here))
      (local.set $bits (i32.add (local.get $bits) (local.get $octets)))
      (local.set $a0 (i32.const -1))
      (local.set $black (i32.const 0))
      (local.set $a1 (local.get $here))   ;; the list's entry
      (local.set $b1 (local.get $above))  ;; the same: the first that is right of a0, and turns to the other colour
      (loop $mode
        (if (i32.lt_u (i32.load offset=4 (local.get $b1)) (i32.load (local.get $a1)))
          (then  ;; pass mode
            (local.set $a0 (i32.load offset=4 (local.get $b1)))
            (local.set $b1 (i32.add (local.get $b1) (i32.const 8)))
            (local.set $code (i32.const 1))
            (local.set $length (i32.const 4)))
          (else
            (local.set $code (i32.sub (i32.load (local.get $a1)) (i32.load (local.get $b1))))
            (if (i32.le_u (i32.add (local.get $code) (i32.const 3)) (i32.const 6))
              (then  ;; vertical mode: 1, 011, 000011, 0000011 to the right, 010, 000010, 0000010 to the left
                (local.set $a0 (i32.load (local.get $a1)))
                (local.set $a1 (i32.add (local.get $a1) (i32.const 4)))
                (local.set $black (i32.xor (local.get $black) (i32.const 1)))
                (local.set $length (i32.wrap_i64 (i64.and (i64.const 0xff) (i64.shr_u (i64.const 0x07060301030607)
                  (i64.extend_i32_u (i32.shl (i32.add (local.get $code) (i32.const 3)) (i32.const 3)))))))
                (local.set $code (i32.add (i32.ge_s (local.get $code) (i32.const 0))
                  (i32.shl (i32.ne (local.get $code) (i32.const 0)) (i32.const 1))))
                ;; The next change above, or the last one, which may be right of a0 still.
                (local.set $b1 (select
                  (i32.add (local.get $b1) (i32.const 4)) (i32.sub (local.get $b1) (i32.const 4))
                  (i32.eq (local.get $b1) (local.get $above)))))
              (else  ;; horizontal mode: 001, and the runs a0 a1 and a1 a2
                (local.set $from (i32.add (local.get $a0) (i32.eq (local.get $a0) (i32.const -1))))
                (local.set $a0 (i32.load (local.get $a1)))
                (local.set $a2 (i32.load offset=4 (local.get $a1)))
                (local.set $code (i32.load (i32.add (local.get $codes) (i32.or
                  (i32.shl (i32.sub (local.get $a0) (local.get $from)) (i32.const 3))
                  (i32.shl (local.get $black) (i32.const 2))))))
                (local.set $length (i32.add (i32.shr_u (local.get $code) (i32.const 27)) (i32.const 3)))
                (local.set $waiting (i64.or
                  (i64.shl (i64.or (i64.shl (local.get $waiting) (i64.const 3)) (i64.const 1))
                    (i64.extend_i32_u (i32.sub (local.get $length) (i32.const 3))))
                  (i64.extend_i32_u (i32.and (local.get $code) (i32.const 0x7ffffff)))))
                (local.set $count (i32.add (local.get $count) (local.get $length)))
                (if (i32.ge_u (local.get $count) (i32.const 32))
                  (then
                    (local.set $count (i32.sub (local.get $count) (i32.const 32)))
                    (call $store (local.get $out) (local.get $waiting) (local.get $count))
                    (local.set $out (i32.add (local.get $out) (i32.const 4)))))
                (local.set $code (i32.load (i32.add (local.get $codes) (i32.or
                  (i32.shl (i32.sub (local.get $a2) (local.get $a0)) (i32.const 3))
                  (i32.shl (i32.xor (local.get $black) (i32.const 1)) (i32.const 2))))))
                (local.set $length (i32.shr_u (local.get $code) (i32.const 27)))
                (local.set $code (i32.and (local.get $code) (i32.const 0x7ffffff)))
                (local.set $a0 (local.get $a2))
                (local.set $a1 (i32.add (local.get $a1) (i32.const 8)))))
            (block $right
              (loop $further
                (br_if $right (i32.gt_s (i32.load (local.get $b1)) (local.get $a0)))
                (br_if $right (i32.ge_u (local.get $a0) (local.get $width)))
                (local.set $b1 (i32.add (local.get $b1) (i32.const 8)))
                (br $further)))))
        (local.set $waiting (i64.or (i64.shl (local.get $waiting) (i64.extend_i32_u (local.get $length)))
          (i64.extend_i32_u (local.get $code))))
        (local.set $count (i32.add (local.get $count) (local.get $length)))
        (if (i32.ge_u (local.get $count) (i32.const 32))
          (then
            (local.set $count (i32.sub (local.get $count) (i32.const 32)))
            (call $store (local.get $out) (local.get $waiting) (local.get $count))
            (local.set $out (i32.add (local.get $out) (i32.const 4)))))
        (br_if $mode (i32.lt_s (local.get $a0) (local.get $width))))
      (local.set $a2 (local.get $above))
      (local.set $above (local.get $here))
      (local.set $here (local.get $a2))
      (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))
  ;; EOFB: two ends of line, and zeros up to the next octet. With what waits that is 55 bits at most.
  (local.set $waiting (i64.or (i64.shl (local.get $waiting) (i64.const 24)) (i64.const 0x001001)))
  (local.set $count (i32.add (local.get $count) (i32.const 24)))
  (local.set $last (i64x2.splat (i64.shl (local.get $waiting) (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $count))))))
  (v128.store64_lane 0 (local.get $out)
    (i8x16.shuffle 7 6 5 4 3 2 1 0 7 6 5 4 3 2 1 0 (local.get $last) (local.get $last)))
  (i32.add (local.get $out) (i32.shr_u (i32.add (local.get $count) (i32.const 7)) (i32.const 3))))
