;; Which blocks of 4 x 4 samples belong to a photograph. All grids of blocks, an octet each, have one more block on each
;; side, so that each has its neighbours.

;; Of four blocks side by side, which of them have at least so many samples of such tones: 1 or 0, 32 bits each.
(func $toned (param $a v128) (param $b v128) (param $c v128) (param $d v128) (param $low i32) (param $high i32)
  (param $least i32) (result v128)
  (local $first v128) (local $span v128)
  (local.set $first (i8x16.splat (local.get $low)))
  (local.set $span (i8x16.splat (i32.sub (local.get $high) (local.get $low))))
  (i32x4.neg (i32x4.ge_u
    (i32x4.extadd_pairwise_i16x8_u (i16x8.extadd_pairwise_i8x16_u (i8x16.neg (i8x16.add
      (i8x16.add (i8x16.le_u (i8x16.sub (local.get $a) (local.get $first)) (local.get $span))
        (i8x16.le_u (i8x16.sub (local.get $b) (local.get $first)) (local.get $span)))
      (i8x16.add (i8x16.le_u (i8x16.sub (local.get $c) (local.get $first)) (local.get $span))
        (i8x16.le_u (i8x16.sub (local.get $d) (local.get $first)) (local.get $span)))))))
    (i32x4.splat (local.get $least)))))

;; Store the four as octets.
(func $blocks (param $to i32) (param $four v128)
  (v128.store32_lane 0 (local.get $to)
    (i8x16.shuffle 0 4 8 12 0 4 8 12 0 4 8 12 0 4 8 12 (local.get $four) (local.get $four))))

;; Of 16 blocks how many of each one and its eight neighbours are set.
(func $around (param $at i32) (param $wide i32) (result v128)
  (i8x16.add (call $three (i32.sub (local.get $at) (local.get $wide)))
    (i8x16.add (call $three (local.get $at)) (call $three (i32.add (local.get $at) (local.get $wide))))))
(func $three (param $at i32) (result v128)
  (i8x16.add (v128.load (i32.sub (local.get $at) (i32.const 1)))
    (i8x16.add (v128.load (local.get $at)) (v128.load offset=1 (local.get $at)))))

;; Of a block that is 1 and lies between two addresses: it becomes 2, and is remembered. Gives the end of what is.
(func $flooded (param $at i32) (param $from i32) (param $to i32) (param $end i32) (result i32)
  (if (i32.and (i32.ge_u (local.get $at) (local.get $from)) (i32.lt_u (local.get $at) (local.get $to)))
    (then (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 1))
      (then
        (i32.store8 (local.get $at) (i32.const 2))
        (i32.store (local.get $end) (local.get $at))
        (return (i32.add (local.get $end) (i32.const 4)))))))
  (local.get $end))

;; From what is remembered on, all that are 1 and touch become 2 as well.
(func $flood (param $from i32) (param $to i32) (param $wide i32) (param $list i32) (param $end i32)
  (local $at i32)
  (block $done
    (loop $next
      (br_if $done (i32.eq (local.get $end) (local.get $list)))
      (local.set $end (i32.sub (local.get $end) (i32.const 4)))
      (local.set $at (i32.load (local.get $end)))
      (local.set $end (call $flooded (i32.sub (local.get $at) (i32.const 1))
        (local.get $from) (local.get $to) (local.get $end)))
      (local.set $end (call $flooded (i32.add (local.get $at) (i32.const 1))
        (local.get $from) (local.get $to) (local.get $end)))
      (local.set $end (call $flooded (i32.sub (local.get $at) (local.get $wide))
        (local.get $from) (local.get $to) (local.get $end)))
      (local.set $end (call $flooded (i32.add (local.get $at) (local.get $wide))
        (local.get $from) (local.get $to) (local.get $end)))
      (br $next))))

;; $seen: rows of samples, of a stride that is a multiple of 16, four times $rows. $tone, $inked and $over, one behind
;; the other: grids of $rows + 2 rows of $stride / 4 + 2 blocks, blank; behind them there is room for 4 octets a block.
;; Which blocks are a photograph's is written to the second.
(func $tones (param $seen i32) (param $stride i32) (param $rows i32) (param $tone i32)
  (param $low i32) (param $high i32) (param $least i32) (param $lowest i32) (param $highest i32) (param $most i32)
  (param $neighbours i32) (result i32)
  (local $wide i32) (local $size i32) (local $inked i32) (local $over i32) (local $list i32) (local $end i32)
  (local $row i32) (local $across i32) (local $to i32) (local $at i32) (local $last i32)
  (local $a v128) (local $b v128) (local $c v128) (local $d v128)
  (local.set $wide (i32.add (i32.shr_u (local.get $stride) (i32.const 2)) (i32.const 2)))
  (local.set $size (i32.mul (i32.add (local.get $rows) (i32.const 2)) (local.get $wide)))
  (local.set $inked (i32.add (local.get $tone) (local.get $size)))
  (local.set $over (i32.add (local.get $inked) (local.get $size)))
  (local.set $list (i32.add (local.get $over) (local.get $size)))
  (local.set $end (local.get $list))
  (local.set $to (i32.add (local.get $wide) (i32.const 1)))
  (loop $down
    (local.set $across (i32.const 0))
    (loop $four
      (local.set $at (i32.add (local.get $seen) (local.get $across)))
      (local.set $a (v128.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $stride)))
      (local.set $b (v128.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $stride)))
      (local.set $c (v128.load (local.get $at)))
      (local.set $d (v128.load (i32.add (local.get $at) (local.get $stride))))
      (local.set $at (i32.add (local.get $to) (i32.shr_u (local.get $across) (i32.const 2))))
      (call $blocks (i32.add (local.get $tone) (local.get $at)) (call $toned
        (local.get $a) (local.get $b) (local.get $c) (local.get $d)
        (local.get $low) (local.get $high) (local.get $least)))
      (call $blocks (i32.add (local.get $inked) (local.get $at)) (call $toned
        (local.get $a) (local.get $b) (local.get $c) (local.get $d)
        (i32.const 0) (local.get $highest) (local.get $most)))
      (call $blocks (i32.add (local.get $over) (local.get $at)) (call $toned
        (local.get $a) (local.get $b) (local.get $c) (local.get $d)
        (local.get $lowest) (local.get $highest) (local.get $least)))
      (br_if $four (i32.lt_u (local.tee $across (i32.add (local.get $across) (i32.const 16))) (local.get $stride))))
    (local.set $seen (i32.add (local.get $seen) (i32.shl (local.get $stride) (i32.const 2))))
    (local.set $to (i32.add (local.get $to) (local.get $wide)))
    (br_if $down (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))
  ;; Seeds are of a tone, inked, and not alone; from them on all is reached that is a photograph's shadows or lights.
  (local.set $last (i32.sub (local.get $size) (local.get $wide)))
  (local.set $at (local.get $wide))
  (loop $seeds
    (local.set $to (i32.add (local.get $tone) (local.get $at)))
    (local.set $a (v128.and (v128.load (local.get $to)) (v128.load (i32.add (local.get $inked) (local.get $at)))))
    (if (v128.any_true (local.get $a))
      (then
        (local.set $across (i8x16.bitmask (i8x16.neg (v128.and (local.get $a)
          (i8x16.ge_u (call $around (local.get $to) (local.get $wide)) (i8x16.splat (local.get $neighbours)))))))
        (block $none
          (loop $each
            (br_if $none (i32.eqz (local.get $across)))
            (local.set $to (i32.add (i32.add (local.get $over) (local.get $at)) (i32.ctz (local.get $across))))
            (i32.store8 (local.get $to) (i32.const 2))
            (i32.store (local.get $end) (local.get $to))
            (local.set $end (i32.add (local.get $end) (i32.const 4)))
            (local.set $across (i32.and (local.get $across) (i32.sub (local.get $across) (i32.const 1))))
            (br $each)))))
    (br_if $seeds (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $last))))
  (call $flood (local.get $over) (local.get $list) (local.get $wide) (local.get $list) (local.get $end))
  ;; What is not reached, and not from outside either, belongs to it: dark spots. 0: the photograph's, 1: another block.
  (local.set $at (i32.const 0))
  (loop $turned
    (local.set $to (i32.add (local.get $over) (local.get $at)))
    (v128.store (local.get $to) (i8x16.neg (i8x16.ne (v128.load (local.get $to)) (i8x16.splat (i32.const 2)))))
    (br_if $turned (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
  (local.set $end (call $flooded (local.get $over) (local.get $over) (local.get $list) (local.get $list)))
  (call $flood (local.get $over) (local.get $list) (local.get $wide) (local.get $list) (local.get $end))
  (local.set $at (i32.const 0))
  (loop $within
    (v128.store (i32.add (local.get $tone) (local.get $at)) (i8x16.neg
      (i8x16.ne (v128.load (i32.add (local.get $over) (local.get $at))) (i8x16.splat (i32.const 2)))))
    (br_if $within (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
  (local.set $at (local.get $wide))
  (loop $grown
    (v128.store (i32.add (local.get $inked) (local.get $at))
      (call $around (i32.add (local.get $tone) (local.get $at)) (local.get $wide)))
    (br_if $grown (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $last))))
  (local.get $inked))
