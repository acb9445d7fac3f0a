using CsCheck;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Kernel.Tests.Accounting;

public sealed class AccountingRuleTests
{
    private const ulong Page = 4096;
    private const ulong Mi = 1 << 20;
    private const ulong Gi = 1 << 30;

    private static readonly KernelState Machine = new()
    {
        Release = new KernelRelease(6, 12),
        PageSize = Page,
        MemTotal = 4 * Gi,
        SwapTotal = 1 * Gi,
        SwapInForce = 1 * Gi,
        CommitLimit = 3 * Gi,
        Committed = 1 * Gi,
        AdminReserve = 8 * Mi,
        UserReserve = 128 * Mi,
        Cpus = 2,
    };

    [Fact]
    public void In_mode_0_a_mapping_as_large_as_RAM_and_swap_passes_and_one_page_more_does_not()
    {
        var fits = AccountingRule.Evaluate(
            Machine,
            OvercommitMode.Heuristic,
            new ProcessCharge { Largest = 5 * Gi, Sum = 50 * Gi }
        );
        var fails = AccountingRule.Evaluate(
            Machine,
            OvercommitMode.Heuristic,
            new ProcessCharge { Largest = (5 * Gi) + Page }
        );

        Assert.Equal((Verdict.CanFork, 100, true), (fits.Verdict, fits.Percent, fits.IsExact));
        Assert.Equal((Verdict.CannotFork, 100, true), (fails.Verdict, fails.Percent, fails.IsExact));
        Assert.Equal(ConstraintType.LargestMapping, fails.Constraint);
        Assert.Equal(5 * Gi, fails.Limit);
    }

    [Fact]
    public void Before_5_2_mode_0_takes_what_is_free_and_equal_is_refused()
    {
        var old = Machine with { Release = new KernelRelease(4, 18), FreeEstimate = 2 * Gi };

        var fits = AccountingRule.Evaluate(
            old,
            OvercommitMode.Heuristic,
            new ProcessCharge { Largest = (2 * Gi) - Page }
        );
        var fails = AccountingRule.Evaluate(old, OvercommitMode.Heuristic, new ProcessCharge { Largest = 2 * Gi });

        Assert.Equal((Verdict.CanFork, false), (fits.Verdict, fits.IsExact));
        Assert.Equal((Verdict.CannotFork, false), (fails.Verdict, fails.IsExact));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(0UL)]
    public void In_mode_1_nothing_is_refused(ulong size)
    {
        var judged = AccountingRule.Evaluate(
            Machine,
            OvercommitMode.Always,
            new ProcessCharge
            {
                Largest = size,
                Sum = size,
                IsBound = true,
            }
        );

        Assert.Equal((Verdict.NotApplicable, null, 0), (judged.Verdict, judged.Constraint, judged.Percent));
        Assert.Null(AccountingRule.LimitOf(Machine, OvercommitMode.Always));
    }

    [Fact]
    public void In_mode_2_the_sum_counts_and_reaching_the_limit_is_refused()
    {
        var strict = Machine with { Mode = OvercommitMode.Strict };
        var allowed = (3 * Gi) - (8 * Mi);

        var fits = AccountingRule.Evaluate(
            strict,
            OvercommitMode.Strict,
            new ProcessCharge { Sum = allowed - Gi - Page }
        );
        var fails = AccountingRule.Evaluate(strict, OvercommitMode.Strict, new ProcessCharge { Sum = allowed - Gi });

        Assert.Equal((Verdict.CanFork, 99, allowed), (fits.Verdict, fits.Percent, fits.Limit));
        Assert.Equal((Verdict.CannotFork, 100, allowed - Gi), (fails.Verdict, fails.Percent, fails.Own));
        Assert.Equal(ConstraintType.CommitCharge, fails.Constraint);
    }

    [Theory]
    [InlineData(false, 0UL, 3072UL - 8)]
    [InlineData(true, 0UL, 3072UL)]
    [InlineData(true, 320UL, 3072UL - 10)]
    [InlineData(false, 3200UL, 3072UL - 8 - 100)]
    [InlineData(false, 1UL << 30, 3072UL - 8 - 128)]
    public void In_mode_2_something_is_kept_back_for_root_and_for_the_user(
        bool isAdmin,
        ulong totalMebibytes,
        ulong allowedMebibytes
    ) =>
        Assert.Equal(
            allowedMebibytes * Mi,
            AccountingRule.Allowed(Machine, new ProcessCharge { HasSysAdmin = isAdmin, TotalVm = totalMebibytes * Mi })
        );

    [Fact]
    public void In_mode_2_a_verdict_within_the_counters_error_is_an_estimate()
    {
        var strict = Machine with { Mode = OvercommitMode.Strict };
        var allowed = (3 * Gi) - (8 * Mi);
        Assert.Equal(16 * Mi, strict.CommitError);

        var near = AccountingRule.Evaluate(
            strict,
            OvercommitMode.Strict,
            new ProcessCharge { Sum = allowed - Gi - (16 * Mi) }
        );
        var far = AccountingRule.Evaluate(
            strict,
            OvercommitMode.Strict,
            new ProcessCharge { Sum = allowed - Gi - (17 * Mi) }
        );

        Assert.False(near.IsExact);
        Assert.True(far.IsExact);
    }

    [Fact]
    public void The_counters_error_is_never_less_than_what_each_processor_keeps_back_at_least()
    {
        var small = Machine with { MemTotal = 1 * Mi, Cpus = 64 };

        Assert.Equal(64UL * 128 * Page, small.CommitError);
    }

    [Fact]
    public void A_limit_that_is_all_kept_back_grants_nothing()
    {
        var judged = AccountingRule.Evaluate(
            Machine with
            {
                CommitLimit = 1 * Mi,
            },
            OvercommitMode.Strict,
            new ProcessCharge { Sum = Page }
        );

        Assert.Equal((Verdict.CannotFork, 0UL, 1_000_000), (judged.Verdict, judged.Limit, judged.Percent));
    }

    [Theory]
    [InlineData(OvercommitMode.Heuristic)]
    [InlineData(OvercommitMode.Strict)]
    public void A_bound_above_the_limit_proves_nothing(OvercommitMode mode)
    {
        var judged = AccountingRule.Evaluate(
            Machine,
            mode,
            new ProcessCharge
            {
                Largest = 60 * Gi,
                Sum = 60 * Gi,
                IsBound = true,
            }
        );

        Assert.Equal((Verdict.Unknown, false), (judged.Verdict, judged.IsExact));
    }

    [Fact]
    public void In_mode_2_a_node_that_is_full_refuses_whatever_a_bound_hides()
    {
        var full = Machine with { Committed = 4 * Gi };

        var judged = AccountingRule.Evaluate(
            full,
            OvercommitMode.Strict,
            new ProcessCharge { Sum = 1 * Mi, IsBound = true }
        );

        Assert.Equal(Verdict.CannotFork, judged.Verdict);
    }

    [Theory]
    [InlineData(OvercommitMode.Heuristic, OvercommitMode.Strict)]
    [InlineData(OvercommitMode.Always, OvercommitMode.Strict)]
    [InlineData(OvercommitMode.Strict, OvercommitMode.Heuristic)]
    [InlineData(OvercommitMode.Always, OvercommitMode.Heuristic)]
    public void A_what_if_is_never_called_exact(OvercommitMode actual, OvercommitMode asked) =>
        Assert.False(
            AccountingRule.Evaluate(Machine with { Mode = actual }, asked, new ProcessCharge { Sum = Page }).IsExact
        );

    [Fact]
    public void A_process_that_was_not_found_has_neither_verdict_nor_confidence() =>
        Assert.Equal((Verdict.Unknown, false), (default(Assessment).Verdict, default(Assessment).IsExact));

    [Theory]
    [InlineData(OvercommitMode.Heuristic)]
    [InlineData(OvercommitMode.Always)]
    [InlineData(OvercommitMode.Strict)]
    public void Numbers_that_are_not_the_kernels_give_no_verdict(OvercommitMode mode)
    {
        var faked = Machine with { Mode = mode, Distrust = "lxcfs" };

        var assessment = AccountingRule.Evaluate(faked, mode, new ProcessCharge { Largest = Page, Sum = Page });

        Assert.Equal((Verdict.Unknown, false), (assessment.Verdict, assessment.IsExact));
        Assert.Equal(Verdict.Unknown, AccountingRule.WithLessCommitted(assessment, Page).Verdict);
    }

    [Fact]
    public void A_limit_with_estimated_swap_is_an_estimate() =>
        Assert.False(
            AccountingRule
                .Evaluate(Machine with { IsSwapEstimated = true }, OvercommitMode.Heuristic, new ProcessCharge())
                .IsExact
        );

    /// <summary>SELinux may deny CAP_SYS_ADMIN's share although the process has the capability.</summary>
    [Fact]
    public void In_mode_2_a_verdict_that_hangs_on_the_reserve_of_root_is_an_estimate_where_there_is_SELinux()
    {
        var strict = Machine with { Mode = OvercommitMode.Strict, HasSelinux = true };
        var charge = new ProcessCharge { Sum = (2 * Gi) - (20 * Mi) };

        Assert.True(
            AccountingRule
                .Evaluate(strict with { HasSelinux = false }, OvercommitMode.Strict, charge with { HasSysAdmin = true })
                .IsExact
        );

        Assert.False(
            AccountingRule.Evaluate(strict, OvercommitMode.Strict, charge with { HasSysAdmin = true }).IsExact
        );
        Assert.True(
            AccountingRule
                .Evaluate(
                    strict,
                    OvercommitMode.Strict,
                    charge with
                    {
                        Sum = charge.Sum - (5 * Mi),
                        HasSysAdmin = true,
                    }
                )
                .IsExact
        );
    }

    [Theory]
    [InlineData(OvercommitMode.Heuristic)]
    [InlineData(OvercommitMode.Strict)]
    public void A_process_smaller_than_the_computed_size_is_below_the_level(OvercommitMode mode) =>
        Gen.Select(Gen.ULong[0, 8 * Gi], Gen.ULong[0, 8 * Gi], Gen.ULong[0, Gi], Gen.Int[1, 100], Gen.Bool, Gen.ULong)
            .Sample(
                (limit, committed, reserve, percent, hasSysAdmin, size) =>
                {
                    var state = Machine with
                    {
                        MemTotal = limit,
                        CommitLimit = limit,
                        Committed = committed,
                        AdminReserve = reserve,
                        UserReserve = reserve / 2,
                    };
                    var bound = AccountingRule.BytesBelow(state, mode, percent);
                    var below = bound == 0 ? 0 : size % bound;
                    var charge = new ProcessCharge
                    {
                        Largest = below,
                        Sum = below,
                        TotalVm = below,
                        HasSysAdmin = hasSysAdmin,
                    };

                    Assert.True(bound == 0 || AccountingRule.Evaluate(state, mode, charge).Percent < percent);
                }
            );

    [Fact]
    public void In_mode_0_the_computed_size_itself_is_at_the_level()
    {
        var bound = AccountingRule.BytesBelow(Machine, OvercommitMode.Heuristic, percent: 70);

        Assert.Equal(
            70,
            AccountingRule.Evaluate(Machine, OvercommitMode.Heuristic, new ProcessCharge { Largest = bound }).Percent
        );
    }

    [Fact]
    public void The_largest_sizes_do_not_overflow()
    {
        var charge = new ProcessCharge { Largest = ulong.MaxValue, Sum = ulong.MaxValue - Machine.Committed };

        Assert.Equal(1_000_000, AccountingRule.Evaluate(Machine, OvercommitMode.Heuristic, charge).Percent);
        Assert.Equal(Verdict.CannotFork, AccountingRule.Evaluate(Machine, OvercommitMode.Strict, charge).Verdict);
        Assert.Equal(
            Verdict.CannotFork,
            AccountingRule.Evaluate(Machine, OvercommitMode.Strict, charge with { Sum = ulong.MaxValue }).Verdict
        );
    }
}
