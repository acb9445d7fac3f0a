using ForkGuard.ApiReference;

if (args is not ([_, _] or [_, _, "--check"]))
{
    await Console.Error.WriteLineAsync("usage: ForkGuard.ApiReference CRD_FOLDER PAGE [--check]");
    return 2;
}

var (folder, page) = (args[0], args[1]);
var right = ReferencePage.Render(CustomResource.ReadFolder(folder));
if (args.Length == 2)
{
    await File.WriteAllTextAsync(page, right);
    return 0;
}

if (File.Exists(page) && await File.ReadAllTextAsync(page) == right)
{
    return 0;
}

await Console.Error.WriteLineAsync($"{page} is not what {folder} says. Run `make update` and commit what it changes.");
return 1;
