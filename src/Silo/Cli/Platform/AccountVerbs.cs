using System.Globalization;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;
using MlTr.Silo.Cli.Model;
using MlTr.Silo.Hosting;
using Spectre.Console;

namespace MlTr.Silo.Cli.Platform;

/// <summary>The verbs about users and their tokens.</summary>
internal static class AccountVerbs
{
    /// <summary>What to type to add an admin, for messages that ask for one.</summary>
    public const string AddAdmin = "user add NAME --role admin";

    private static readonly VerbOption Role = new("--role", "ROLE", "what may be done", "viewer, editor, admin");
    private static readonly VerbOption User = new("--user", "NAME", "whose token");
    private static readonly VerbOption Name = new("--name", "NAME", "what the token is for");
    private static readonly VerbOption Days = new("--days", "N", "for how many days", "1..3650", "for ever");

    private static readonly (string Title, IReadOnlyList<VerbOption> Options) Where = ("Platform", [PlatformAccess.Url, PlatformAccess.Data]);

    // Made anew each time: a field would be empty while the list of all verbs, whose options it shares, is made first.
    public static Verb Users => new(
        "user", "add NAME --role ROLE | list | role NAME ROLE | password NAME | remove NAME", "who may log in; a new password is asked for, or read from standard input",
        [Where, ("User", [Role]), ("Output", [PlatformVerbs.Json]), ("Record", [PlatformVerbs.By])], "WORDS");

    public static Verb Tokens => new(
        "token", "add --user NAME --name NAME [--role ROLE] [--days N] | list | revoke ID", "keys for programs, in the place of a password",
        [Where, ("Token", [User, Name, Role, Days]), ("Output", [PlatformVerbs.Json]), ("Record", [PlatformVerbs.By])], "WORDS");

    /// <summary>Whether this adds a user, as is done before a platform ever runs, so that it needs a login from its start.</summary>
    public static bool IsFirst(VerbArguments arguments) => arguments is { VerbName: "user", Words: ["add", ..] };

    public static Task<int> UserAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console, PasswordInput passwords, CancellationToken stop) => TellAsync(async () =>
    {
        var by = PlatformVerbs.WhoAsks(arguments);
        switch (arguments.Words)
        {
            case ["add", var name]:
                var role = RoleOf(arguments.Need(Role.Name, "what the user may do, as in: user add ada --role admin"));
                var added = await client.AddUserAsync(name, role, await passwords.ReadAsync(name, stop), by);
                console.MarkupLineInterpolated($"User [bold]{added.Name}[/] was added: {Words(added.Role)}");
                return 0;
            case ["list"]:
                return await ListUsersAsync(client, arguments, console);
            case ["role", var name, var text]:
                var changed = await client.SetUserRoleAsync(name, RoleOf(text), by);
                console.MarkupLineInterpolated($"User [bold]{changed.Name}[/] is {Words(changed.Role)} now");
                return 0;
            case ["password", var name]:
                await client.SetPasswordAsync(name, await passwords.ReadAsync(name, stop), by);
                console.MarkupLineInterpolated($"User [bold]{name}[/] has a new password");
                return 0;
            case ["remove", var name]:
                await client.RemoveUserAsync(name, by);
                console.MarkupLineInterpolated($"User [bold]{name}[/] is gone");
                return 0;
            default:
                throw new PlatformException($"user takes: {Users.Usage}; see user --help.");
        }
    });

    public static Task<int> TokenAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console) => TellAsync(async () =>
    {
        var by = PlatformVerbs.WhoAsks(arguments);
        switch (arguments.Words)
        {
            case ["add"]:
                var user = arguments.Need(User.Name, "whose token it is, as in: token add --user ada --name nightly");
                var name = arguments.Need(Name.Name, "what it is for, as in: token add --user ada --name nightly");
                UserRole? role = arguments[Role.Name] is { } text ? RoleOf(text) : null;
                int? days = arguments.Has(Days.Name) ? arguments.Whole(Days.Name, 0, 1, 3650) : null;
                var made = await client.AddTokenAsync(user, name, role, days, by);
                await console.Profile.Out.Writer.WriteLineAsync(made.Secret);
                await Console.Error.WriteLineAsync($"Token {made.Token.Id} of {made.Token.User}: {Words(made.Token.Role)}. Its secret is shown this once.");
                return 0;
            case ["list"]:
                return await ListTokensAsync(client, arguments, console);
            case ["revoke", var id]:
                await client.RevokeTokenAsync(id, by: by);
                console.MarkupLineInterpolated($"Token [bold]{id}[/] is revoked");
                return 0;
            default:
                throw new PlatformException($"token takes: {Tokens.Usage}; see token --help.");
        }
    });

    private static async Task<int> ListUsersAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var users = await client.ListUsersAsync();
        if (arguments.Has(PlatformVerbs.Json.Name))
        {
            await Console.Out.WriteLineAsync(SweepReport.AccountsJson(users));
        }
        else if (users.IsEmpty)
        {
            console.WriteLine($"There are no users: whoever reaches the dashboard may do everything. {AddAdmin} ends that.");
        }
        else
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns("User", "Role", "Added");
            foreach (var user in users)
            {
                table.AddRow(user.Name.EscapeMarkup(), user.Role.ToString().ToLowerInvariant(), Time(user.CreatedAt));
            }

            console.Write(table);
        }

        return 0;
    }

    private static async Task<int> ListTokensAsync(IMlTrClient client, VerbArguments arguments, IAnsiConsole console)
    {
        var tokens = await client.ListTokensAsync(arguments[User.Name]);
        if (arguments.Has(PlatformVerbs.Json.Name))
        {
            await Console.Out.WriteLineAsync(SweepReport.AccountsJson(tokens));
        }
        else if (tokens.IsEmpty)
        {
            console.WriteLine("There are no tokens.");
        }
        else
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns("Token", "User", "Name", "Secret", "Role", "Made", "Last used", "Expires");
            foreach (var token in tokens)
            {
                table.AddRow(
                    token.Id.EscapeMarkup(), token.User.EscapeMarkup(), token.Name.EscapeMarkup(), $"{token.Prefix}…".EscapeMarkup(), token.Role.ToString().ToLowerInvariant(), Time(token.CreatedAt),
                    token.LastUsedAt is { } used ? Time(used) : "never", token.RevokedAt is { } revoked ? $"revoked {Time(revoked)}" : token.ExpiresAt is { } end ? Time(end) : "never");
            }

            console.Write(table);
        }

        return 0;
    }

    private static async Task<int> TellAsync(Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (AccountsException error)
        {
            throw new PlatformException(error.Message, error);
        }
    }

    private static UserRole RoleOf(string text) => AccountRules.ParseRole(text) ?? throw new PlatformException($"There is no role '{text}': use viewer, editor or admin.");

    private static string Words(UserRole role) => role.ToString().ToLowerInvariant();

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
