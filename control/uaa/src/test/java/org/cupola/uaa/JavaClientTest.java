package org.cupola.uaa;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.cloudfoundry.reactor.ConnectionContext;
import org.cloudfoundry.reactor.DefaultConnectionContext;
import org.cloudfoundry.reactor.RootProvider;
import org.cloudfoundry.reactor.TokenProvider;
import org.cloudfoundry.reactor.tokenprovider.ClientCredentialsGrantTokenProvider;
import org.cloudfoundry.reactor.tokenprovider.PasswordGrantTokenProvider;
import org.cloudfoundry.reactor.uaa.ReactorUaaClient;
import org.cloudfoundry.uaa.authorizations.AuthorizeByAuthorizationCodeGrantApiRequest;
import org.cloudfoundry.uaa.authorizations.GetOpenIdProviderConfigurationRequest;
import org.cloudfoundry.uaa.clients.ChangeSecretRequest;
import org.cloudfoundry.uaa.clients.CreateClientRequest;
import org.cloudfoundry.uaa.clients.DeleteClientRequest;
import org.cloudfoundry.uaa.clients.GetClientRequest;
import org.cloudfoundry.uaa.clients.GetMetadataRequest;
import org.cloudfoundry.uaa.clients.ListClientsRequest;
import org.cloudfoundry.uaa.clients.UpdateClientRequest;
import org.cloudfoundry.uaa.groups.AddMemberRequest;
import org.cloudfoundry.uaa.groups.CheckMembershipRequest;
import org.cloudfoundry.uaa.groups.CreateGroupRequest;
import org.cloudfoundry.uaa.groups.DeleteGroupRequest;
import org.cloudfoundry.uaa.groups.GetGroupRequest;
import org.cloudfoundry.uaa.groups.ListExternalGroupMappingsRequest;
import org.cloudfoundry.uaa.groups.ListGroupsRequest;
import org.cloudfoundry.uaa.groups.ListMembersRequest;
import org.cloudfoundry.uaa.groups.MapExternalGroupRequest;
import org.cloudfoundry.uaa.groups.MemberType;
import org.cloudfoundry.uaa.groups.RemoveMemberRequest;
import org.cloudfoundry.uaa.groups.UnmapExternalGroupByGroupDisplayNameRequest;
import org.cloudfoundry.uaa.groups.UnmapExternalGroupByGroupIdRequest;
import org.cloudfoundry.uaa.groups.UpdateGroupRequest;
import org.cloudfoundry.uaa.serverinformation.GetInfoRequest;
import org.cloudfoundry.uaa.tokens.CheckTokenRequest;
import org.cloudfoundry.uaa.tokens.GetTokenByAuthorizationCodeRequest;
import org.cloudfoundry.uaa.tokens.GetTokenByClientCredentialsRequest;
import org.cloudfoundry.uaa.tokens.GetTokenByPasswordRequest;
import org.cloudfoundry.uaa.tokens.GetTokenKeyRequest;
import org.cloudfoundry.uaa.tokens.GrantType;
import org.cloudfoundry.uaa.tokens.ListTokenKeysRequest;
import org.cloudfoundry.uaa.tokens.RefreshTokenRequest;
import org.cloudfoundry.uaa.tokens.TokenFormat;
import org.cloudfoundry.uaa.users.ChangeUserPasswordRequest;
import org.cloudfoundry.uaa.users.CreateUserRequest;
import org.cloudfoundry.uaa.users.DeleteUserRequest;
import org.cloudfoundry.uaa.users.Email;
import org.cloudfoundry.uaa.users.ListUsersRequest;
import org.cloudfoundry.uaa.users.LookupUserIdsRequest;
import org.cloudfoundry.uaa.users.Name;
import org.cloudfoundry.uaa.users.UpdateUserRequest;
import org.cloudfoundry.uaa.users.UserInfoRequest;
import org.cloudfoundry.uaa.users.VerifyUserRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The official Java client finds everything where it expects it, and every field it insists on. */
class JavaClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private final RunningUaa uaa = RunningUaa.on(RunningUaa.Db.SQLITE);
    private final String name = "java-" + UUID.randomUUID();
    private final DefaultConnectionContext connection = DefaultConnectionContext.builder()
            .apiHost("127.0.0.1")
            .port(uaa.component.plainPort())
            .secure(false)
            .rootProvider(new OneRoot())
            .build();
    private final ReactorUaaClient admin = client(ClientCredentialsGrantTokenProvider.builder()
            .clientId("admin")
            .clientSecret("admin-client-secret")
            .build());

    private final class OneRoot implements RootProvider {
        @Override
        public Mono<String> getRoot(ConnectionContext context) {
            return Mono.just(uaa.uri("").toString());
        }

        @Override
        public Mono<String> getRoot(String key, ConnectionContext context) {
            return getRoot(context);
        }
    }

    private ReactorUaaClient client(TokenProvider tokens) {
        return ReactorUaaClient.builder()
                .connectionContext(connection)
                .tokenProvider(tokens)
                .build();
    }

    private ReactorUaaClient userClient() {
        return client(PasswordGrantTokenProvider.builder()
                .username(name)
                .password("secret")
                .build());
    }

    @AfterEach
    void close() {
        connection.dispose();
    }

    private static <T> T get(Mono<T> answer) {
        T value = answer.block(PATIENCE);
        assertThat(value).isNotNull();
        return value;
    }

    private String createUser() {
        return get(admin.users()
                        .create(CreateUserRequest.builder()
                                .userName(name)
                                .password("secret")
                                .email(Email.builder()
                                        .value(name + "@example.com")
                                        .primary(true)
                                        .build())
                                .name(Name.builder()
                                        .givenName("Ann")
                                        .familyName("Lee")
                                        .build())
                                .build()))
                .getId();
    }

    @Test
    void administersUsers() {
        String id = createUser();

        assertThat(get(admin.users()
                                .list(ListUsersRequest.builder()
                                        .filter("userName eq \"" + name + "\"")
                                        .build()))
                        .getResources())
                .singleElement()
                .satisfies(user -> assertThat(user.getName().getGivenName()).isEqualTo("Ann"));
        var updated = get(admin.users()
                .update(UpdateUserRequest.builder()
                        .id(id)
                        .version("*")
                        .userName(name)
                        .email(Email.builder()
                                .value("new@example.com")
                                .primary(true)
                                .build())
                        .name(Name.builder().givenName("Bea").familyName("Lee").build())
                        .build()));
        assertThat(updated.getMeta().getVersion()).isEqualTo(1);
        assertThat(get(admin.users()
                                .verify(VerifyUserRequest.builder().userId(id).build()))
                        .getVerified())
                .isTrue();
        assertThat(get(userClient().users().userInfo(UserInfoRequest.builder().build()))
                        .getEmail())
                .isEqualTo("new@example.com");
        assertThat(get(userClient()
                                .users()
                                .changePassword(ChangeUserPasswordRequest.builder()
                                        .userId(id)
                                        .oldPassword("secret")
                                        .password("other")
                                        .build()))
                        .getMessage())
                .isEqualTo("password updated");
        assertThat(get(admin.users()
                                .delete(DeleteUserRequest.builder().userId(id).build()))
                        .getUserName())
                .isEqualTo(name);
    }

    @Test
    void looksUpIds() {
        String id = createUser();
        var lookup = client(ClientCredentialsGrantTokenProvider.builder()
                .clientId("cloud_controller_username_lookup")
                .clientSecret("lookup-secret")
                .build());

        assertThat(get(lookup.users()
                                .lookup(LookupUserIdsRequest.builder()
                                        .filter("id eq \"" + id + "\"")
                                        .build()))
                        .getResources())
                .singleElement()
                .satisfies(user -> assertThat(user.getUserName()).isEqualTo(name));
    }

    @Test
    void administersGroups() {
        String user = createUser();
        var created = get(admin.groups()
                .create(CreateGroupRequest.builder().displayName(name).build()));
        String id = created.getId();

        get(admin.groups()
                .addMember(AddMemberRequest.builder()
                        .groupId(id)
                        .memberId(user)
                        .origin("uaa")
                        .type(MemberType.USER)
                        .build()));
        assertThat(get(admin.groups()
                                .checkMembership(CheckMembershipRequest.builder()
                                        .groupId(id)
                                        .memberId(user)
                                        .build()))
                        .getMemberId())
                .isEqualTo(user);
        assertThat(get(admin.groups()
                                .listMembers(ListMembersRequest.builder()
                                        .groupId(id)
                                        .returnEntities(true)
                                        .build()))
                        .getMembers())
                .hasSize(1);
        assertThat(get(admin.groups().get(GetGroupRequest.builder().groupId(id).build()))
                        .getMembers())
                .hasSize(1);
        get(admin.groups()
                .removeMember(
                        RemoveMemberRequest.builder().groupId(id).memberId(user).build()));
        var updated = get(admin.groups()
                .update(UpdateGroupRequest.builder()
                        .groupId(id)
                        .version("*")
                        .displayName(name + ".x")
                        .build()));
        assertThat(updated.getDisplayName()).isEqualTo(name + ".x");
        assertThat(get(admin.groups()
                                .list(ListGroupsRequest.builder()
                                        .filter("displayName eq \"openid\"")
                                        .build()))
                        .getResources())
                .hasSize(1);
        get(admin.groups()
                .mapExternalGroup(MapExternalGroupRequest.builder()
                        .groupId(id)
                        .externalGroup("g1")
                        .origin("ldap")
                        .build()));
        get(admin.groups()
                .mapExternalGroup(MapExternalGroupRequest.builder()
                        .groupId(id)
                        .externalGroup("g2")
                        .origin("ldap")
                        .build()));
        assertThat(get(admin.groups()
                                .listExternalGroupMappings(ListExternalGroupMappingsRequest.builder()
                                        .build()))
                        .getTotalResults())
                .isGreaterThanOrEqualTo(2);
        get(admin.groups()
                .unmapExternalGroupByGroupId(UnmapExternalGroupByGroupIdRequest.builder()
                        .groupId(id)
                        .externalGroup("g1")
                        .origin("ldap")
                        .build()));
        get(admin.groups()
                .unmapExternalGroupByGroupDisplayName(UnmapExternalGroupByGroupDisplayNameRequest.builder()
                        .groupDisplayName(name + ".x")
                        .externalGroup("g2")
                        .origin("ldap")
                        .build()));
        get(admin.groups()
                .delete(DeleteGroupRequest.builder().groupId(id).version("*").build()));
    }

    @Test
    void administersClients() {
        var created = get(admin.clients()
                .create(CreateClientRequest.builder()
                        .clientId(name)
                        .clientSecret("s")
                        .authorizedGrantType(GrantType.CLIENT_CREDENTIALS)
                        .authority("scim.read")
                        .build()));
        assertThat(created.getAuthorities()).containsExactly("scim.read");

        get(admin.clients().get(GetClientRequest.builder().clientId(name).build()));
        get(admin.clients()
                .getMetadata(GetMetadataRequest.builder().clientId(name).build()));
        // Not all of them: the client does not know the grant type jwt-bearer, which the client cf has.
        assertThat(get(admin.clients()
                                .list(ListClientsRequest.builder()
                                        .filter("client_id eq \"" + name + "\"")
                                        .build()))
                        .getResources())
                .hasSize(1);
        get(admin.clients()
                .update(UpdateClientRequest.builder()
                        .clientId(name)
                        .authorizedGrantType(GrantType.CLIENT_CREDENTIALS)
                        .authority("scim.write")
                        .build()));
        assertThat(get(admin.clients()
                                .changeSecret(ChangeSecretRequest.builder()
                                        .clientId(name)
                                        .secret("t")
                                        .build()))
                        .getMessage())
                .isEqualTo("secret updated");
        assertThat(get(admin.tokens()
                                .getByClientCredentials(GetTokenByClientCredentialsRequest.builder()
                                        .clientId(name)
                                        .clientSecret("t")
                                        .tokenFormat(TokenFormat.OPAQUE)
                                        .build()))
                        .getScopes())
                .isEqualTo("scim.write");
        get(admin.clients().delete(DeleteClientRequest.builder().clientId(name).build()));
        assertThat(uaa.token(name, "t", "grant_type=client_credentials").status())
                .isEqualTo(401);
    }

    @Test
    void getsRefreshesAndChecksTokens() {
        createUser();
        var token = get(admin.tokens()
                .getByPassword(GetTokenByPasswordRequest.builder()
                        .clientId("cf")
                        .clientSecret("")
                        .username(name)
                        .password("secret")
                        .build()));
        assertThat(token.getTokenType()).isEqualTo("bearer");

        var refreshed = get(admin.tokens()
                .refresh(RefreshTokenRequest.builder()
                        .clientId("cf")
                        .clientSecret("")
                        .refreshToken(token.getRefreshToken())
                        .build()));
        var checked = get(admin.tokens()
                .check(CheckTokenRequest.builder()
                        .clientId("doppler")
                        .clientSecret("doppler-secret")
                        .token(refreshed.getAccessToken())
                        .build()));
        assertThat(checked.getUserName()).isEqualTo(name);
        var key = get(admin.tokens().getKey(GetTokenKeyRequest.builder().build()));
        assertThat(get(admin.tokens().listKeys(ListTokenKeysRequest.builder().build()))
                        .getKeys())
                .singleElement()
                .satisfies(each -> assertThat(each.getValue()).isEqualTo(key.getValue()));
    }

    @Test
    void readsInformationAndCodesForSsh() {
        createUser();

        assertThat(get(admin.serverInformation()
                                .getInfo(GetInfoRequest.builder().build()))
                        .getZoneName())
                .isEqualTo("uaa");
        assertThat(get(admin.authorizations()
                                .getOpenIdProviderConfiguration(GetOpenIdProviderConfigurationRequest.builder()
                                        .build()))
                        .getIssuer())
                .isEqualTo("https://uaa.sys.example.com/oauth/token");
        String code = get(userClient()
                .authorizations()
                .authorizationCodeGrantApi(AuthorizeByAuthorizationCodeGrantApiRequest.builder()
                        .clientId("ssh-proxy")
                        .build()));
        assertThat(get(admin.tokens()
                                .getByAuthorizationCode(GetTokenByAuthorizationCodeRequest.builder()
                                        .clientId("ssh-proxy")
                                        .clientSecret("ssh-proxy-secret")
                                        .authorizationCode(code)
                                        .build()))
                        .getAccessToken())
                .isNotEmpty();
    }
}
