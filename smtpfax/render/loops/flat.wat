;; Areas of one level: what of a picture is near to it, without what is narrower than a square.

;; Of each octet and the one so far behind it, the lesser one.
(func $least (param $at i32) (param $count i32) (param $away i32)
  (local $end i32)
  (local.set $end (i32.add (local.get $at) (local.get $count)))
  (loop $each
    (v128.store (local.get $at) (i8x16.min_u
      (v128.load (local.get $at)) (v128.load (i32.add (local.get $at) (local.get $away)))))
    (br_if $each (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

;; Of each octet and the one so far before it, the greater one; from the end on.
(func $greatest (param $at i32) (param $count i32) (param $away i32)
  (local $from i32)
  (local.set $from (i32.add (local.get $at) (local.get $count)))
  (loop $each
    (local.set $from (i32.sub (local.get $from) (i32.const 16)))
    (v128.store (local.get $from) (i8x16.max_u
      (v128.load (local.get $from)) (v128.load (i32.sub (local.get $from) (local.get $away)))))
    (br_if $each (i32.gt_u (local.get $from) (local.get $at)))))

;; Give a level to what is above and below the rows, and behind each of them.
(func $frame (param $at i32) (param $rows i32) (param $stride i32) (param $side i32) (param $pad i32)
  (param $level i32)
  (local $margin i32)
  (local.set $margin (i32.mul (local.get $side) (local.get $stride)))
  (memory.fill (local.get $at) (local.get $level) (local.get $margin))
  (local.set $at (i32.add (local.get $at) (local.get $margin)))
  (loop $row
    (local.set $at (i32.add (local.get $at) (local.get $stride)))
    (memory.fill (i32.sub (local.get $at) (local.get $pad)) (local.get $level) (local.get $pad))
    (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
  (memory.fill (local.get $at) (local.get $level) (local.get $margin)))

;; Of each octet and those to the right and down within a square, the least; of two windows one that is wider, and so on.
(func $shrunk (param $at i32) (param $count i32) (param $stride i32) (param $side i32)
  (local $reach i32) (local $step i32)
  (local.set $reach (i32.const 1))
  (loop $more
    (local.set $step (select (local.get $reach) (i32.sub (local.get $side) (local.get $reach))
      (i32.lt_u (i32.shl (local.get $reach) (i32.const 1)) (local.get $side))))
    (call $least (local.get $at) (local.get $count) (local.get $step))
    (call $least (local.get $at) (local.get $count) (i32.mul (local.get $step) (local.get $stride)))
    (br_if $more (i32.lt_u (local.tee $reach (i32.add (local.get $reach) (local.get $step))) (local.get $side)))))

;; Of each octet and those to the left and up within a square, the greatest.
(func $widened (param $at i32) (param $count i32) (param $stride i32) (param $side i32)
  (local $reach i32) (local $step i32)
  (local.set $reach (i32.const 1))
  (loop $more
    (local.set $step (select (local.get $reach) (i32.sub (local.get $side) (local.get $reach))
      (i32.lt_u (i32.shl (local.get $reach) (i32.const 1)) (local.get $side))))
    (call $greatest (local.get $at) (local.get $count) (local.get $step))
    (call $greatest (local.get $at) (local.get $count) (i32.mul (local.get $step) (local.get $stride)))
    (br_if $more (i32.lt_u (local.tee $reach (i32.add (local.get $reach) (local.get $step))) (local.get $side)))))

;; What of a picture is of some levels, without what is narrower than the square.
;; $seen: rows of a stride that is a multiple of 16, and by $pad, which is not less than $side, wider than they are.
;; $mask: as many rows, with $side of them above and below, and as much unused before and behind. Gives where its own
;; rows begin.
(func $near (param $seen i32) (param $rows i32) (param $stride i32) (param $low i32) (param $span i32) (param $side i32)
  (param $pad i32) (param $mask i32) (result i32)
  (local $at i32) (local $octets i32) (local $inner i32) (local $all i32)
  (local $first v128) (local $most v128)
  (local.set $first (i8x16.splat (local.get $low)))
  (local.set $most (i8x16.splat (local.get $span)))
  (local.set $octets (i32.mul (local.get $rows) (local.get $stride)))
  (local.set $inner (i32.add (local.get $mask) (i32.mul (local.get $side) (local.get $stride))))
  (local.set $all (i32.add (local.get $octets) (i32.shl (i32.mul (local.get $side) (local.get $stride)) (i32.const 1))))
  (loop $near
    (v128.store (i32.add (local.get $inner) (local.get $at)) (i8x16.le_u (i8x16.sub
      (v128.load (i32.add (local.get $seen) (local.get $at))) (local.get $first)) (local.get $most)))
    (br_if $near (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $octets))))
  (call $frame (local.get $mask) (local.get $rows) (local.get $stride) (local.get $side) (local.get $pad)
    (i32.const 255))
  (call $shrunk (local.get $mask) (local.get $all) (local.get $stride) (local.get $side))
  (call $frame (local.get $mask) (local.get $rows) (local.get $stride) (local.get $side) (local.get $pad)
    (i32.const 0))
  (call $widened (local.get $mask) (local.get $all) (local.get $stride) (local.get $side))
  (call $frame (local.get $mask) (local.get $rows) (local.get $stride) (local.get $side) (local.get $pad)
    (i32.const 0))
  (local.get $inner))

;; The runs of that, and the parts that they are of. Gives how many they are.
(func $flat (param $seen i32) (param $rows i32) (param $stride i32) (param $low i32) (param $span i32) (param $side i32)
  (param $pad i32) (param $mask i32) (param $runs i32) (result i32)
  (call $parts
    (call $near (local.get $seen) (local.get $rows) (local.get $stride) (local.get $low) (local.get $span)
      (local.get $side) (local.get $pad) (local.get $mask))
    (local.get $rows) (local.get $stride) (local.get $runs)))

;; How many samples of that are of each level: 256 times 32 bits, blank before.
(func $levels (param $seen i32) (param $rows i32) (param $stride i32) (param $low i32) (param $span i32)
  (param $side i32) (param $pad i32) (param $mask i32) (param $counts i32) (result i32)
  (local $at i32) (local $end i32) (local $to i32) (local $left i32)
  (local.set $at (call $near (local.get $seen) (local.get $rows) (local.get $stride) (local.get $low)
    (local.get $span) (local.get $side) (local.get $pad) (local.get $mask)))
  (local.set $end (i32.add (local.get $at) (i32.mul (local.get $rows) (local.get $stride))))
  (loop $sixteen
    (if (v128.any_true (v128.load (local.get $at)))
      (then
        (local.set $left (i32.const 16))
        (loop $each
          (if (i32.load8_u (local.get $at))
            (then
              (local.set $to (i32.add (local.get $counts) (i32.shl (i32.load8_u (local.get $seen)) (i32.const 2))))
              (i32.store (local.get $to) (i32.add (i32.load (local.get $to)) (i32.const 1)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $seen (i32.add (local.get $seen) (i32.const 1)))
          (br_if $each (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
      (else
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $seen (i32.add (local.get $seen) (i32.const 16)))))
    (br_if $sixteen (i32.lt_u (local.get $at) (local.get $end))))
  (local.get $counts))

;; Of runs ($count of them) the sum of each part's lengths, 32 bits for its first run.
(func $sizes (param $runs i32) (param $count i32) (param $sizes i32)
  (local $end i32) (local $to i32)
  (memory.fill (local.get $sizes) (i32.const 0) (i32.shl (local.get $count) (i32.const 2)))
  (local.set $end (i32.add (local.get $runs) (i32.shl (local.get $count) (i32.const 4))))
  (block $done
    (loop $each
      (br_if $done (i32.ge_u (local.get $runs) (local.get $end)))
      (local.set $to (i32.add (local.get $sizes) (i32.shl (i32.load offset=12 (local.get $runs)) (i32.const 2))))
      (i32.store (local.get $to) (i32.add (i32.load (local.get $to))
        (i32.sub (i32.load offset=8 (local.get $runs)) (i32.load offset=4 (local.get $runs)))))
      (local.set $runs (i32.add (local.get $runs) (i32.const 16)))
      (br $each))))

;; The parts, from a run on, that are not smaller than so much and hold a square, with what in them is narrower than
;; another one ($letter) filled. Gives the run from which on to go on; at the addresses 4 and 8 stand how many parts
;; there are, and where. Of each: top, bottom, left and right of its rectangle, which is one wider than it, where that
;; can be; where its mask is, and the mask's stride; 32 bits each, and two more that are nobody's.
;; Behind the runs there is room for $sizes, for $most parts, and then up to $limit: for one part at least, that is two
;; masks with $letter rows below, and as much behind.
(func $solids (param $runs i32) (param $count i32) (param $from i32) (param $rows i32) (param $width i32)
  (param $size i32) (param $side i32) (param $letter i32) (param $most i32) (param $limit i32) (result i32)
  (local $sizes i32) (local $at i32) (local $end i32) (local $top i32) (local $bottom i32) (local $left i32)
  (local $right i32) (local $stride i32) (local $octets i32) (local $margin i32) (local $mask i32) (local $other i32)
  (local $list i32) (local $found i32) (local $free i32)
  (local.set $sizes (i32.add (local.get $runs) (i32.shl (local.get $count) (i32.const 4))))
  (local.set $end (local.get $sizes))
  (if (i32.eqz (local.get $from)) (then (call $sizes (local.get $runs) (local.get $count) (local.get $sizes))))
  (local.set $list (i32.and (i32.const -16)
    (i32.add (i32.const 15) (i32.add (local.get $sizes) (i32.shl (local.get $count) (i32.const 2))))))
  (local.set $found (local.get $list))
  (local.set $free (i32.add (local.get $list) (i32.shl (local.get $most) (i32.const 5))))
  (local.set $most (local.get $free))
  (block $none
    (loop $next
      (block $not
        (br_if $none (i32.ge_u (local.get $from) (local.get $count)))
        (br_if $not (i32.lt_u
          (i32.load (i32.add (local.get $sizes) (i32.shl (local.get $from) (i32.const 2)))) (local.get $size)))
        ;; Its rectangle: a part's runs begin with its first, and go on in every row until there are no more.
        (local.set $at (i32.add (local.get $runs) (i32.shl (local.get $from) (i32.const 4))))
        (local.set $top (i32.load (local.get $at)))
        (local.set $bottom (local.get $top))
        (local.set $left (local.get $width))
        (local.set $right (i32.const 0))
        (block $whole
          (loop $run
            (br_if $whole (i32.gt_u (i32.load (local.get $at)) (i32.add (local.get $bottom) (i32.const 1))))
            (if (i32.eq (i32.load offset=12 (local.get $at)) (local.get $from))
              (then
                (local.set $bottom (i32.load (local.get $at)))
                (if (i32.lt_u (i32.load offset=4 (local.get $at)) (local.get $left))
                  (then (local.set $left (i32.load offset=4 (local.get $at)))))
                (if (i32.gt_u (i32.load offset=8 (local.get $at)) (local.get $right))
                  (then (local.set $right (i32.load offset=8 (local.get $at)))))))
            (br_if $run (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))
        (local.set $top (i32.sub (local.get $top) (i32.ne (local.get $top) (i32.const 0))))
        (local.set $left (i32.sub (local.get $left) (i32.ne (local.get $left) (i32.const 0))))
        (local.set $right (i32.add (local.get $right) (i32.lt_u (local.get $right) (local.get $width))))
        (local.set $bottom (i32.add (local.get $bottom) (i32.const 1)))
        (local.set $bottom (i32.add (local.get $bottom) (i32.lt_u (local.get $bottom) (local.get $rows))))
        (local.set $stride (i32.and (i32.const -16)
          (i32.add (i32.sub (local.get $right) (local.get $left)) (i32.add (local.get $letter) (i32.const 15)))))
        (local.set $octets (i32.mul (local.get $stride) (i32.sub (local.get $bottom) (local.get $top))))
        (local.set $margin (i32.mul (local.get $letter) (local.get $stride)))
        ;; Painted twice; the first one is looked at for a square, and is then what is blank before the second.
        (local.set $other (local.get $free))
        (local.set $mask (i32.add (local.get $other) (i32.add (local.get $octets) (local.get $margin))))
        (br_if $none (i32.and (i32.gt_u (local.get $found) (local.get $list)) (i32.or
          (i32.eq (local.get $found) (local.get $most))
          (i32.gt_u (i32.add (local.get $mask) (i32.add (local.get $octets) (i32.shl (local.get $margin) (i32.const 1))))
            (local.get $limit)))))
        (memory.fill (local.get $other) (i32.const 0) (i32.shl
          (i32.add (local.get $octets) (local.get $margin)) (i32.const 1)))
        (local.set $at (i32.add (local.get $runs) (i32.shl (local.get $from) (i32.const 4))))
        (block $painted
          (loop $run
            (br_if $painted (i32.ge_u (i32.load (local.get $at)) (local.get $bottom)))
            (if (i32.eq (i32.load offset=12 (local.get $at)) (local.get $from))
              (then (memory.fill
                (i32.add (i32.add (local.get $other) (i32.sub (i32.load offset=4 (local.get $at)) (local.get $left)))
                  (i32.mul (local.get $stride) (i32.sub (i32.load (local.get $at)) (local.get $top))))
                (i32.const 255)
                (i32.sub (i32.load offset=8 (local.get $at)) (i32.load offset=4 (local.get $at))))))
            (br_if $run (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))
        (memory.copy (local.get $mask) (local.get $other) (local.get $octets))
        (call $shrunk (local.get $other) (local.get $octets) (local.get $stride) (local.get $side))
        (br_if $not (i32.eqz (call $any (local.get $other) (local.get $octets))))
        (memory.fill (local.get $other) (i32.const 0) (i32.add (local.get $octets) (local.get $margin)))
        (call $widened (local.get $mask) (i32.add (local.get $octets) (local.get $margin)) (local.get $stride)
          (local.get $letter))
        (call $shrunk (local.get $mask) (i32.add (local.get $octets) (local.get $margin)) (local.get $stride)
          (local.get $letter))
        (i32.store (local.get $found) (local.get $top))
        (i32.store offset=4 (local.get $found) (local.get $bottom))
        (i32.store offset=8 (local.get $found) (local.get $left))
        (i32.store offset=12 (local.get $found) (local.get $right))
        (i32.store offset=16 (local.get $found) (local.get $mask))
        (i32.store offset=20 (local.get $found) (local.get $stride))
        (local.set $found (i32.add (local.get $found) (i32.const 32)))
        (local.set $free (i32.add (local.get $mask) (local.get $octets))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br $next)))
  (i32.store (i32.const 4) (i32.shr_u (i32.sub (local.get $found) (local.get $list)) (i32.const 5)))
  (i32.store (i32.const 8) (local.get $list))
  (local.get $from))

;; Whether any of the octets, of a multiple of 16, is set.
(func $any (param $at i32) (param $count i32) (result i32)
  (local $end i32)
  (local.set $end (i32.add (local.get $at) (local.get $count)))
  (block $none
    (loop $each
      (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
      (if (v128.any_true (v128.load (local.get $at))) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br $each)))
  (i32.const 0))
