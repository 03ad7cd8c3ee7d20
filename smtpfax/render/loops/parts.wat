;; Connected parts of a mask: octets that are 255 or 0, row behind row, with at least one 0 between two rows.

;; The run that stands for a run's part: the first one. $runs: of each run its row, its first column, where it ends, and
;; another run of its part, or itself; 32 bits each.
(func $lead (param $runs i32) (param $run i32) (result i32)
  (local $at i32) (local $other i32)
  (block $found
    (loop $up
      (local.set $at (i32.add (local.get $runs) (i32.shl (local.get $run) (i32.const 4))))
      (local.set $other (i32.load offset=12 (local.get $at)))
      (br_if $found (i32.eq (local.get $other) (local.get $run)))
      (local.set $run (i32.load offset=12 (i32.add (local.get $runs) (i32.shl (local.get $other) (i32.const 4)))))
      (i32.store offset=12 (local.get $at) (local.get $run))
      (br $up)))
  (local.get $run))

;; The first octet from here on that is set, or ($but: all bits) that is not.
(func $next (param $at i32) (param $end i32) (param $but i64) (result i32)
  (local $octets i64)
  (block $done
    (loop $eight
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $octets (i64.xor (i64.load (local.get $at)) (local.get $but)))
      (if (i64.ne (local.get $octets) (i64.const 0))
        (then (return (i32.add (local.get $at) (i32.wrap_i64 (i64.shr_u (i64.ctz (local.get $octets)) (i64.const 3)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br $eight)))
  (local.get $end))

;; All runs of a mask, and the parts that they are of. Gives how many they are.
(func $parts (param $mask i32) (param $rows i32) (param $stride i32) (param $runs i32) (result i32)
  (local $at i32) (local $end i32) (local $count i32) (local $above i32) (local $other i32) (local $row i32)
  (local $start i32) (local $stop i32) (local $entry i32) (local $one i32) (local $two i32)
  (local.set $at (local.get $mask))
  (local.set $end (i32.add (local.get $mask) (i32.mul (local.get $rows) (local.get $stride))))
  (block $done
    (loop $run
      (local.set $at (call $next (local.get $at) (local.get $end) (i64.const 0)))
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $row (i32.div_u (i32.sub (local.get $at) (local.get $mask)) (local.get $stride)))
      (local.set $start (i32.rem_u (i32.sub (local.get $at) (local.get $mask)) (local.get $stride)))
      (local.set $stop (local.get $at))
      (local.set $at (call $next (local.get $at) (local.get $end) (i64.const -1)))
      (local.set $stop (i32.add (local.get $start) (i32.sub (local.get $at) (local.get $stop))))
      (local.set $entry (i32.add (local.get $runs) (i32.shl (local.get $count) (i32.const 4))))
      (i32.store (local.get $entry) (local.get $row))
      (i32.store offset=4 (local.get $entry) (local.get $start))
      (i32.store offset=8 (local.get $entry) (local.get $stop))
      (i32.store offset=12 (local.get $entry) (local.get $count))
      ;; The first run of the row above that ends right of this one's start.
      (block $there
        (loop $further
          (br_if $there (i32.ge_u (local.get $above) (local.get $count)))
          (local.set $entry (i32.add (local.get $runs) (i32.shl (local.get $above) (i32.const 4))))
          (br_if $there (i32.gt_s (i32.load (local.get $entry)) (i32.sub (local.get $row) (i32.const 1))))
          (br_if $there (i32.and
            (i32.eq (i32.load (local.get $entry)) (i32.sub (local.get $row) (i32.const 1)))
            (i32.gt_s (i32.load offset=8 (local.get $entry)) (local.get $start))))
          (local.set $above (i32.add (local.get $above) (i32.const 1)))
          (br $further)))
      (local.set $other (local.get $above))
      (block $past
        (loop $touching
          (br_if $past (i32.ge_u (local.get $other) (local.get $count)))
          (local.set $entry (i32.add (local.get $runs) (i32.shl (local.get $other) (i32.const 4))))
          (br_if $past (i32.ne (i32.load (local.get $entry)) (i32.sub (local.get $row) (i32.const 1))))
          (br_if $past (i32.ge_s (i32.load offset=4 (local.get $entry)) (local.get $stop)))
          (local.set $one (call $lead (local.get $runs) (local.get $count)))
          (local.set $two (call $lead (local.get $runs) (local.get $other)))
          (i32.store offset=12
            (i32.add (local.get $runs) (i32.shl (select (local.get $one) (local.get $two)
              (i32.gt_u (local.get $one) (local.get $two))) (i32.const 4)))
            (select (local.get $two) (local.get $one) (i32.gt_u (local.get $one) (local.get $two))))
          (local.set $other (i32.add (local.get $other) (i32.const 1)))
          (br $touching)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br $run)))
  (local.set $other (i32.const 0))
  (block $all
    (loop $each
      (br_if $all (i32.ge_u (local.get $other) (local.get $count)))
      (i32.store offset=12 (i32.add (local.get $runs) (i32.shl (local.get $other) (i32.const 4)))
        (call $lead (local.get $runs) (local.get $other)))
      (local.set $other (i32.add (local.get $other) (i32.const 1)))
      (br $each)))
  (local.get $count))
