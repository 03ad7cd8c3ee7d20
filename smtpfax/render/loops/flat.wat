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

;; $seen: rows of a stride that is a multiple of 16, and by $pad, which is not less than $side, wider than they are.
;; $mask: as many rows, with $side of them above and below, and as much unused before and behind. Gives how many runs
;; there are.
(func $flat (param $seen i32) (param $rows i32) (param $stride i32) (param $low i32) (param $span i32) (param $side i32)
  (param $pad i32) (param $mask i32) (param $runs i32) (result i32)
  (local $at i32) (local $octets i32) (local $inner i32) (local $all i32) (local $reach i32) (local $step i32)
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
  (local.set $reach (i32.const 1))
  (loop $shrink  ;; of two windows one that is wider, and so on
    (local.set $step (select (local.get $reach) (i32.sub (local.get $side) (local.get $reach))
      (i32.lt_u (i32.shl (local.get $reach) (i32.const 1)) (local.get $side))))
    (call $least (local.get $mask) (local.get $all) (local.get $step))
    (call $least (local.get $mask) (local.get $all) (i32.mul (local.get $step) (local.get $stride)))
    (br_if $shrink (i32.lt_u (local.tee $reach (i32.add (local.get $reach) (local.get $step))) (local.get $side))))
  (call $frame (local.get $mask) (local.get $rows) (local.get $stride) (local.get $side) (local.get $pad)
    (i32.const 0))
  (local.set $reach (i32.const 1))
  (loop $grow
    (local.set $step (select (local.get $reach) (i32.sub (local.get $side) (local.get $reach))
      (i32.lt_u (i32.shl (local.get $reach) (i32.const 1)) (local.get $side))))
    (call $greatest (local.get $mask) (local.get $all) (local.get $step))
    (call $greatest (local.get $mask) (local.get $all) (i32.mul (local.get $step) (local.get $stride)))
    (br_if $grow (i32.lt_u (local.tee $reach (i32.add (local.get $reach) (local.get $step))) (local.get $side))))
  (call $frame (local.get $mask) (local.get $rows) (local.get $stride) (local.get $side) (local.get $pad)
    (i32.const 0))
  (call $parts (local.get $inner) (local.get $rows) (local.get $stride) (local.get $runs)))
