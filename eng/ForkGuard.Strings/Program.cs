using ForkGuard.Strings;

if (args is not [var root])
{
    Console.Error.WriteLine("usage: ForkGuard.Strings CHECKOUT");
    return 2;
}

File.WriteAllText(Path.Combine(root, StringsPage.File), StringsPage.Of(root));
return 0;
