using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class ReaderUsersTests
{
    [Theory]
    [InlineData(true, 0, 0, true, false)]
    [InlineData(true, 0, 65534, false, false)]
    [InlineData(false, 0, 0, true, false)]
    [InlineData(false, 0, 65534, false, true)]
    [InlineData(false, 65534, 0, false, false)]
    [InlineData(false, 65534, 65534, false, true)]
    public void Only_root_of_the_initial_user_namespace_is_root(
        bool isInitial,
        uint root,
        uint uid,
        bool isRoot,
        bool isAmbiguous
    )
    {
        var users = new ReaderUsers(isInitial, root);

        Assert.Equal((isRoot, isAmbiguous), (users.IsRoot(uid), users.IsAmbiguous(uid)));
    }

    [Fact]
    public void The_users_of_the_initial_user_namespace_are_shown_as_they_are()
    {
        Assert.SkipUnless(
            new FileInfo("/proc/self/ns/user").LinkTarget == $"user:[{ProcessFacts.InitialUserNamespace}]",
            "this process is in a user namespace of its own"
        );

        Assert.Equal(new ReaderUsers(IsInitial: true, Root: 0), ReaderUsers.Of(new ProcRoot()));
    }
}
