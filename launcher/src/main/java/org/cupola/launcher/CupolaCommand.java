package org.cupola.launcher;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: a command that fails ends the process with 1, a wrong command line with 2. */
@Command(
        name = "cupola",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Cloud Foundry in Java: the whole platform in one process, or one component alone.",
        footer = {
            "",
            "Start with `cupola demo`, or `cupola up`. `cupola COMMAND --help` explains a command; a component takes"
                    + " the flags and the configuration file of the original."
        })
final class CupolaCommand {
    private static final Map<String, Supplier<Object>> COMMANDS = commands();

    private CupolaCommand() {}

    static int run(String... arguments) {
        String name = arguments.length == 0 ? "" : arguments[0];
        var line = new CommandLine(new CupolaCommand());
        // Only the command that was asked for is looked at: reflection over all of them would be felt at every start.
        if (COMMANDS.containsKey(name)) {
            line.addSubcommand(name, COMMANDS.get(name).get());
        } else {
            COMMANDS.forEach((each, command) -> line.addSubcommand(each, command.get()));
        }
        line.setExecutionExceptionHandler((failure, failed, _) -> {
            failed.getErr().println(describe(failed.getCommandName(), failure));
            return 1;
        });
        if (arguments.length == 0) {
            line.usage(line.getOut());
            return 2;
        }
        return line.execute(arguments);
    }

    /** Each problem in a line of its own. */
    static String describe(String command, Exception failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String prefix = "cupola " + command + ": ";
        if (System.getenv("CUPOLA_TRACE") != null) {
            failure.printStackTrace();
        }
        return prefix + String.join("\n" + prefix, Arrays.asList(message.split("\n")));
    }

    private static Map<String, Supplier<Object>> commands() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("up", UpCommand::new);
        commands.put("demo", DemoCommand::new);
        commands.put("routes", RoutesCommand::new);
        commands.put("apps", AppsCommand::new);
        commands.put("deploy-sample", DeploySampleCommand::new);
        commands.put("gorouter", GorouterCommand::new);
        commands.put("tcp-router", TcpRouterCommand::new);
        commands.put("routing-api", RoutingApiCommand::new);
        commands.put("route-emitter", RouteEmitterCommand::new);
        commands.put("route-registrar", RouteRegistrarCommand::new);
        commands.put("rtr", RtrCommand::new);
        commands.put("load-balancer", LoadBalancerCommand::new);
        commands.put("nats", NatsCommand::new);
        commands.put("bbs", BbsCommand::new);
        commands.put("locket", LocketCommand::new);
        commands.put("auctioneer", AuctioneerCommand::new);
        commands.put("rep", RepCommand::new);
        commands.put("cloud-controller", CloudControllerCommand::new);
        commands.put("uaa", UaaCommand::new);
        commands.put("blobstore", BlobstoreCommand::new);
        commands.put("loggregator", LoggregatorCommand::new);
        commands.put("certs", CertsCommand::new);
        commands.put("rehearse", RehearseCommand::new);
        return commands;
    }
}
