using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>Where a verb has a new password from: asked for without echo, or the first line of standard input where that is no terminal.</summary>
internal sealed class PasswordInput(IAnsiConsole console, TextReader? redirected)
{
    public static PasswordInput OfProcess(IAnsiConsole console) => new(Console.IsOutputRedirected ? OfErrors() : console, Console.IsInputRedirected ? Console.In : null);

    /// <exception cref="PlatformException">None was given, or the two that were typed differ.</exception>
    public async Task<string> ReadAsync(string user, CancellationToken stop)
    {
        if (redirected is not null)
        {
            return await redirected.ReadLineAsync(stop) is { Length: > 0 } line ? line : throw new PlatformException("No password came on standard input: give it as its first line, or type it at a terminal.");
        }

        var password = await AskAsync($"Password for {user}:", stop);
        return await AskAsync("The same again:", stop) == password ? password : throw new PlatformException("The two passwords differ; nothing was changed.");
    }

    /// <summary>The question goes to the terminal also where the answer goes to a file.</summary>
    private static IAnsiConsole OfErrors() => AnsiConsole.Create(new AnsiConsoleSettings { Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(Console.Error) });

    private Task<string> AskAsync(string text, CancellationToken stop) => console.PromptAsync(new TextPrompt<string>(text.EscapeMarkup()).Secret(null).AllowEmpty(), stop);
}
