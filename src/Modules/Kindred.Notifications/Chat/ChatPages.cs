using System.Text;
using Microsoft.AspNetCore.Http;

namespace Kindred.Notifications.Chat;

/// <summary>The page of the chat: three files, nothing from elsewhere. It knows nobody; its script signs in and talks to the routes like any other client.</summary>
internal static class ChatPages
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
    private static readonly string s_page = Read("chat.html");
    private static readonly string s_script = Read("chat.js");
    private static readonly string s_style = Read("chat.css");

    public static IResult Page(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(s_page, "text/html", Encoding.UTF8);
    }

    public static IResult Script() => TypedResults.Content(s_script, "text/javascript", Encoding.UTF8);

    public static IResult Style() => TypedResults.Content(s_style, "text/css", Encoding.UTF8);

    private static string Read(string name)
    {
        using StreamReader reader = new(typeof(ChatPages).Assembly.GetManifestResourceStream("chat/" + name)!);
        return reader.ReadToEnd();
    }
}
